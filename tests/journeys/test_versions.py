"""The version of the API on the wire: another one in the answer is told once, and a sender for another one lives beside
the client.
"""

from __future__ import annotations

import logging

import httpx
import pytest

import intercom_raw
from aiointercom import Intercom
from aiointercom.events import VersionDiffers
from aiointercom.sandbox import Sandbox
from intercom_raw import API_VERSION
from intercom_raw.api.admins import identify_admin
from tests.journeys.canned import Canned, Scene

pytestmark = pytest.mark.anyio
ADMIN = {"type": "admin", "id": "1"}


def answers(version: str | None) -> httpx.Response:
    """An answer that names a version, or none."""
    return httpx.Response(200, json=ADMIN, headers={} if version is None else {"Intercom-Version": version})


@pytest.mark.parametrize("version", [None, API_VERSION])
async def test_the_asked_version_is_not_told(version: str | None) -> None:
    """An answer in our version, or one that does not say, is as usual."""
    async with Scene(Canned(answers(version))) as scene:
        await scene.intercom.me()
    assert scene.told(VersionDiffers) == []


async def test_another_version_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The first answer in another version is an event and a logged warning; the next ones, of derived clients too, are
    not.
    """
    canned = Canned(answers("9.1"), answers("9.1"), answers("9.1"), answers("9.2"))
    with caplog.at_level(logging.WARNING, "aiointercom"):
        async with Scene(canned) as scene:
            for _ in range(2):
                await scene.intercom.me()
            await scene.intercom.with_options(timeout=5).me()
            await scene.intercom.me()
            told = scene.told(VersionDiffers)
    assert [(event.asked, event.answered) for event in told] == [(API_VERSION, "9.1"), (API_VERSION, "9.2")]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "9.1" in caplog.text


async def test_a_warning_without_an_observer(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever gives no function, and sets up no logging, still sees the warning."""
    async with Intercom("token", region="US", transport=Canned(answers("9.1"))) as intercom:
        await intercom.me()
    assert [(record.name, record.levelno) for record in caplog.records] == [("aiointercom", logging.WARNING)]


async def test_the_header_of_an_answer_is_told_only_where_it_is_a_version() -> None:
    """What else stands there may be anything, and is not repeated; many different ones are not told without end."""
    many = [answers(f"no version, but somebody's words {n}") for n in range(20)]
    async with Scene(Canned(*many)) as scene:
        for _ in many:
            await scene.intercom.me()
        told = scene.told(VersionDiffers)
    assert {event.answered for event in told} == {"unreadable"}
    assert len(told) < 10


async def test_two_versions_in_one_process() -> None:
    """A sender for another version sends its header, with the client's token; the client goes on sending its own."""
    canned = Canned(lambda request: answers(request.headers["intercom-version"]))
    async with Scene(canned) as scene:
        other = scene.intercom.sender_for("9.1")
        await identify_admin(other)
        await scene.intercom.me()
        await identify_admin(other)
        await identify_admin(scene.intercom.sender)
        told = scene.told(VersionDiffers)
    versions = [request.headers.get_list("intercom-version") for request in canned.requests]
    assert versions == [["9.1"], [intercom_raw.API_VERSION], ["9.1"], [intercom_raw.API_VERSION]]
    assert len({request.headers["authorization"] for request in canned.requests}) == 1
    assert told == []


async def test_a_client_of_the_callers_own_sends_it_too() -> None:
    """With an httpx client of the caller's the header is the asked one as well."""
    canned = Canned(lambda request: answers(request.headers["intercom-version"]))

    async with (
        httpx.AsyncClient(transport=canned) as http,
        Intercom("token", region="US", http_client=http) as intercom,
    ):
        await identify_admin(intercom.sender_for("9.1"))
        await intercom.me()
    assert [request.headers["intercom-version"] for request in canned.requests] == ["9.1", API_VERSION]


@pytest.mark.parametrize("version", ["", "9", "9.1\r\nX: y", "v9.1", None, 9.1, "9.1 "])
async def test_what_is_no_version_is_refused(version: object) -> None:
    """Before anything is sent, and without repeating it."""
    async with Scene(Sandbox()) as scene:
        with pytest.raises(ValueError, match="version must be one that Intercom names"):
            scene.intercom.sender_for(version)  # type: ignore[arg-type]
