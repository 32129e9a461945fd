"""Real and realistic answers through the public API: nothing lost, every attribute of its declared type.

The answers are our own samples and, where the folder of references lies beside the repo, the live records that it
holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiointercom import APIError, Intercom, UnreadableResponseError
from aiointercom.errors import IntercomError
from aiointercom.models import ConversationList, TicketTypeList
from tests.journeys.canned import Canned, Scene
from tests.pure.declared import complaints
from tests.samples import Sample, load_samples

pytestmark = pytest.mark.anyio

LIVE = Path(__file__).parents[3] / "shared" / "reference" / "live-records.jsonl"
SAMPLES = load_samples()


def live() -> Iterator[Sample]:
    """The live records, where they are at hand."""
    operations = {"conversation": "retrieveConversation", "ticket": "getTicket", "error": "identifyAdmin"}
    for number, line in enumerate(LIVE.read_text(encoding="utf-8").splitlines() if LIVE.exists() else []):
        record = json.loads(line)
        status = int(record["status"] or 200)
        yield Sample(f"live {number} {record['kind']}", (), operations[record["kind"]], status, record["payload"])


async def through(intercom: Intercom, operation: str, payload: Any) -> list[tuple[Any, Any]]:
    """Call the operation; pairs of a model and the payload that it must show."""
    match operation:
        case "identifyAdmin":
            return [(await intercom.me(), payload)]
        case "retrieveConversation":
            return [(await intercom.conversations.retrieve(payload["id"]), payload)]
        case "getTicket":
            return [(await intercom.tickets.retrieve(payload["id"]), payload)]
        case "getTicketType":
            return [(await intercom.ticket_types.retrieve(payload["id"]), payload)]
        case "listTicketTypes":
            types = await intercom.ticket_types.list()
            return list(zip(types, TicketTypeList.from_dict(payload).raw["data"], strict=True))
        case "redactConversation":
            return [(await redact(intercom, payload), payload)]
        case "convertConversationToTicket":
            return [
                (
                    await intercom.conversations.convert_to_ticket(
                        payload["id"], ticket_type_id=payload["ticket_type"]["id"]
                    ),
                    payload,
                )
            ]
        case _:
            pages = (
                intercom.conversations.list()
                if operation == "listConversations"
                else intercom.conversations.search({"field": "id", "operator": "=", "value": "1"})
            )
            first = await anext(pages)
            expected = ConversationList.from_dict(payload).raw["conversations"]
            rest = [await anext(pages) for _ in expected[1:]]
            return list(zip([first, *rest], expected, strict=True))


async def redact(intercom: Intercom, payload: dict[str, Any]) -> Any:
    """Redact what the answer shows as redacted."""
    parts = (payload.get("conversation_parts") or {}).get("conversation_parts") or []
    done = next((part for part in parts if part["redacted"]), None)
    if done is not None:
        return await intercom.conversations.redact_part(payload["id"], done["id"])
    return await intercom.conversations.redact_source(payload["id"], payload["source"]["id"])


@pytest.mark.parametrize(
    "sample", [s for s in [*SAMPLES, *live()] if s.status == 200 and s.text is None], ids=lambda sample: sample.name
)
async def test_successful_answers(sample: Sample) -> None:
    """Each successful answer comes back through the public API whole, as it was received, with every attribute of its
    declared type.
    """
    canned = Canned(httpx.Response(200, content=sample.content))
    async with Scene(canned, max_retries=0) as scene:
        try:
            pairs = await through(scene.intercom, sample.operation, sample.payload)
        except UnreadableResponseError:
            assert sample.name in ("ticket_types_as_after_2_11", "conversation_list_of_version_1")
            return
    for model, payload in pairs:
        assert json.dumps(model.to_dict()) == json.dumps(payload)
        assert complaints(model, model.raw) == []


@pytest.mark.parametrize(
    "sample", [s for s in [*SAMPLES, *live()] if s.status != 200 or s.text is not None], ids=lambda sample: sample.name
)
async def test_refusals(sample: Sample) -> None:
    """Each refusal, whatever its body is, comes as the error of its status, with the codes and the request id that it
    has.
    """
    canned = Canned(httpx.Response(sample.status, content=sample.content))
    async with Scene(canned, max_retries=0) as scene:
        with pytest.raises(IntercomError) as caught:
            await scene.intercom.me()
    error = caught.value
    assert error.status == sample.status  # type: ignore[attr-defined]
    body = sample.payload if isinstance(sample.payload, dict) else {}
    if isinstance(error, APIError):
        assert [detail.code for detail in error.errors] == [
            item.get("code") or item.get("type") for item in body.get("errors") or []
        ]
        assert error.request_id == body.get("request_id")
    else:
        assert isinstance(error, UnreadableResponseError)
        assert sample.status == 200


def test_all_live_records_are_looked_at() -> None:
    """Where the live records are at hand, all of them are among the answers above."""
    assert len(list(live())) == (10 if LIVE.exists() else 0)


def test_every_operation_has_a_sample() -> None:
    """Our own answers leave out none of the operations but those that answer with the same objects as another."""
    seen = {sample.operation for sample in SAMPLES if sample.status == 200}
    assert seen >= {
        "identifyAdmin",
        "listConversations",
        "searchConversations",
        "retrieveConversation",
        "redactConversation",
        "convertConversationToTicket",
        "getTicket",
        "listTicketTypes",
        "getTicketType",
    }
