"""Never run: what mypy and pyright, both strict, must say about the whole public surface. A changed type shows here
first.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TextIO, assert_never, assert_type

import httpx

from aiointercom import (
    AlreadyTicketError,
    APIError,
    AsIs,
    AttributeProblem,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    Coverage,
    DetectorError,
    ErrorDetail,
    ForbiddenError,
    Intercom,
    IntercomError,
    InvalidAttributesError,
    LedgerError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    Pace,
    PartNotRedactableError,
    PlanError,
    RateLimit,
    RateLimitedError,
    Region,
    ResponseLostError,
    Seen,
    ServerError,
    Settlement,
    UnauthorizedError,
    UnprocessableError,
    UnreadableResponseError,
    WrongEventLoopError,
    __version__,
    checked_id,
    types,
)
from aiointercom import models as its_models
from aiointercom._http.asgi import InProcessTransport
from aiointercom.cleanup import (
    Convert,
    ConvertTo,
    Finding,
    Ids,
    Item,
    Ledger,
    Outcome,
    Plan,
    PlanSummary,
    Record,
    RedactPart,
    RedactSource,
    Result,
    Run,
    RunRecord,
    State,
    Summary,
    Unread,
    find,
    ids_in,
    plan,
    preflight,
    read_plan,
    run,
    search_query,
)
from aiointercom.detect import CardNumbers
from aiointercom.events import (
    CallCancelled,
    Event,
    OutcomeSettled,
    Paced,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    VersionDiffers,
)
from aiointercom.models import (
    AdminWithApp,
    App,
    Conversation,
    ConversationList,
    ConversationListItem,
    ConversationPart,
    ConversationPartAuthor,
    ConversationSource,
    ConversationTicket,
    ConvertConversationToTicketRequest,
    MultipleFilterSearchRequest,
    PartAttachment,
    RedactConversationPartRequest,
    RedactConversationSourceRequest,
    SearchRequest,
    SingleFilterSearchRequest,
    Tag,
    Ticket,
    TicketPart,
    TicketType,
    TicketTypeAttribute,
    TicketTypeList,
)
from aiointercom.sandbox import Effect, Fault, Received, Sandbox, Server
from intercom_raw import API_VERSION, Sender
from intercom_raw.api.admins import identify_admin
from intercom_raw.api.conversations import (
    convert_conversation_to_ticket,
    list_conversations,
    redact_conversation,
    retrieve_conversation,
    search_conversations,
)
from intercom_raw.api.ticket_types import get_ticket_type, list_ticket_types
from intercom_raw.api.tickets import get_ticket
from intercom_raw.models import Conversation as RawConversation

# Clients


async def fresh_token() -> str:
    """A token source, as an application writes it."""
    return "token"


def on_event(event: Event) -> None:
    """An observer; a narrower one would not see everything."""
    assert_type(event.call, int)
    assert_type(event.operation, str)
    assert_type(event.ids, Mapping[str, str | int])
    assert_type(event.level, int)


def clients(transport: httpx.AsyncBaseTransport, http_client: httpx.AsyncClient) -> None:
    """All ways to make a client."""
    assert_type(Intercom(), Intercom)
    Intercom("token", region=Region.EU)
    Intercom(fresh_token, region="Europe", base_url="https://proxy.example", strict_region=True)
    Intercom(timeout=2, max_retries=0, max_elapsed=None, settle_for=0, horizon=60.0, priority="batch", pace=None)
    Intercom(timeout=httpx.Timeout(5.0), max_elapsed=60.0, pace=Pace(max_wait=None, reserve=0.1, burst=5))
    Intercom(transport="aiohttp", on_event=on_event)
    Intercom(request_time=30, max_response_bytes=1_000_000, insecure_http=True)
    Intercom(request_time=None, max_response_bytes=None)
    Intercom(transport=transport)
    Intercom(transport=InProcessTransport(Sandbox()))
    Intercom(http_client=http_client)
    Intercom(priority="urgent")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Intercom("token", "EU")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def life(intercom: Intercom) -> None:
    """What a client offers besides the resources."""
    async with intercom as entered:
        assert_type(entered, Intercom)
    assert_type(intercom.with_options(token="other", region="AU", timeout=1.5, max_retries=1), Intercom)
    intercom.with_options(token=fresh_token, base_url="https://proxy.example", priority="batch")
    assert_type(intercom.with_options(on_event=on_event, settle_for=0.0, horizon=90), Intercom)
    assert_type((intercom.settle_for, intercom.horizon, intercom.server_time()), tuple[float, float, float])
    assert_type(intercom.region, Region)
    assert_type(await intercom.me(timeout=3, priority="interactive"), AdminWithApp)
    assert_type(await intercom.request("GET", "/tags", query={"page": 2}, json=None), Any)
    closing: Coroutine[Any, Any, None] = intercom.aclose()
    await closing
    await intercom.aclose(drain=2.5)
    intercom.with_options(request_time=None, max_response_bytes=None)
    assert_type(intercom.on_event, Callable[[Event], object] | None)
    assert_type(intercom.rate_limit_window, float | None)
    limit = intercom.rate_limit
    assert_type(limit, RateLimit | None)
    if limit is not None:
        assert_type(limit.limit, int)
        assert_type(limit.remaining, int)
        assert_type(limit.resets_at, float)


async def settling(intercom: Intercom, error: OutcomeUnknownError) -> None:
    """What became of a write, later."""
    settlement = await intercom.settle(error, {"_default_title_": "A"}, timeout=3)
    assert_type(settlement, Settlement)
    assert_type(settlement.outcome, Literal["done", "not_applied", "unknown"])
    assert_type(settlement.reason, str | None)
    assert_type(settlement.ticket_id, str | None)
    assert_type(settlement.retry_after, float | None)
    assert_type(settlement.answer, Conversation | Ticket | None)


async def regions() -> None:
    """Regions, and finding out where a workspace lives."""
    assert_type(Region.AU, Literal[Region.AU])
    assert_type(Region.parse("europe"), Region)
    assert_type(Region.from_environment(), Region)
    assert_type(await Region.discover("token"), Region)
    assert_type(await Region.discover(fresh_token, base_url="http://127.0.0.1:8080"), Region)


# Resources


def wanted(message: ConversationPart | ConversationSource) -> bool:
    """A `select`, as an application writes it."""
    return message.author is not None and message.author.type == "user"


async def conversations(intercom: Intercom) -> None:
    """The operations on conversations."""
    resource = intercom.conversations
    assert_type(await resource.redact_part("471", 115, timeout=httpx.Timeout(3), priority="batch"), Conversation)
    assert_type(await resource.redact_source(471, "403918311", timeout=1, priority="batch"), Conversation)
    assert_type(await resource.convert_to_ticket("471", ticket_type_id=79), Ticket)
    assert_type(
        await resource.convert_to_ticket(
            471, ticket_type_id="79", title="A", description="B", attributes={"priority": "1", "amount": 2.5}, timeout=9
        ),
        Ticket,
    )
    human = {"Priority": "High", "Amount": AsIs(2.5)}
    assert_type(await resource.convert_to_ticket(471, ticket_type_id=79, attributes=human, resolve=True), Ticket)
    assert_type(await resource.retrieve("471", display_as="plaintext", timeout=1, priority="batch"), Conversation)
    async for item in resource.list(per_page=50, timeout=1, priority="batch"):
        assert_type(item, ConversationListItem)
    pages = resource.search({"field": "state", "operator": "=", "value": "open"}, per_page=5)
    stream: AsyncIterator[ConversationListItem] = pages
    assert_type(await anext(stream), ConversationListItem)
    assert_type(pages.total_count, int | None)
    coverage = await resource.redact_all(471, lambda message: message.body == "x", timeout=1, priority="batch")
    assert_type(coverage, Coverage)
    assert_type(coverage.total, int | None)
    assert_type(coverage.redacted, tuple[str, ...])
    assert_type(coverage.skipped, Mapping[str, str])
    assert_type(coverage.attachments, Mapping[str, int])
    assert_type(coverage.complete, bool)
    await resource.redact_all("471", wanted)
    await resource.redact_all("471", fresh_token)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await resource.redact_part(None, "115")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await resource.convert_to_ticket("471")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def searches(intercom: Intercom) -> None:
    """A query may also be a request model."""
    one = SingleFilterSearchRequest(field="state", operator="=", value="open")
    both = MultipleFilterSearchRequest(operator="AND", value=[one, one])
    for query in (one, both, SearchRequest(query=both)):
        intercom.conversations.search(query, timeout=1, priority="interactive")


async def tickets(intercom: Intercom) -> None:
    """Tickets and ticket types."""
    ticket = await intercom.tickets.retrieve("474", timeout=1, priority="batch")
    assert_type(ticket, Ticket)
    assert_type(ticket.ticket_attributes, dict[str, Any] | None)
    assert_type(ticket.ticket_type, TicketType | None)
    if ticket.ticket_parts is not None:
        assert_type(ticket.ticket_parts.ticket_parts, list[TicketPart] | None)
    assert_type(await intercom.ticket_types.retrieve(79, timeout=1, priority="batch"), TicketType)
    resolved = await intercom.ticket_types.resolve(79, {"Priority": "High"}, refresh=True, timeout=1, priority="batch")
    assert_type(resolved, dict[str, Any])
    kinds = await intercom.ticket_types.list(timeout=1, priority="batch")
    assert_type(kinds, list[TicketType])
    if kinds[0].ticket_type_attributes is not None:
        assert_type(kinds[0].ticket_type_attributes.data, list[TicketTypeAttribute] | None)


# Models


def models(conversation: Conversation, admin: AdminWithApp) -> None:
    """Every attribute may be None, and what was received stays at hand."""
    same: RawConversation = conversation
    assert_type(conversation.id, str | None)
    assert_type(conversation.open, bool | None)
    assert_type(conversation.created_at, int | None)
    assert_type(conversation.custom_attributes, dict[str, Any] | None)
    assert_type(conversation.source, ConversationSource | None)
    assert_type(conversation.ticket, ConversationTicket | None)
    assert_type(conversation.raw, Mapping[str, Any])
    assert_type(conversation.additional_properties, dict[str, Any])
    assert_type(conversation.to_dict(), dict[str, Any])
    assert_type(Conversation.from_dict({"id": "471"}), Conversation)
    assert_type(admin.app, App | None)
    if same.tags is not None:
        assert_type(same.tags.tags, list[Tag] | None)
    if conversation.conversation_parts is not None:
        parts = conversation.conversation_parts.conversation_parts
        assert_type(parts, list[ConversationPart] | None)
        for part in parts or ():
            assert_type(part.id, str | None)
            assert_type(part.body, str | None)
            assert_type(part.redacted, bool | None)
            assert_type(part.author, ConversationPartAuthor | None)
            assert_type(part.attachments, list[PartAttachment] | None)


# Errors


def errors(error: IntercomError) -> str:
    """What each error carries."""
    match error:
        case PlanError(line=int() | None):
            pass
        case DetectorError(detector=str()):
            pass
        case LedgerError():
            pass
        case NotSentError() | ResponseLostError():
            assert_type(error.attempts, int)
        case OutcomeUnknownError():
            assert_type(error.operation, str)
            assert_type(error.ids, dict[str, str | int])
            assert_type((error.sent_at, error.first_sent_at, error.last_doubt_at), tuple[datetime, datetime, datetime])
            assert_type(error.workspace, str | None)
            assert_type(error.seen, Seen | None)
            if error.seen is not None:
                assert_type((error.seen.status, error.seen.code), tuple[int | None, str | None])
                assert_type(error.seen.request_id, str | None)
            assert_type(error.attributes, Mapping[str, Any] | None)
            assert_type(error.reason, str)
            assert_type(error.attempts, int)
        case UnreadableResponseError():
            assert_type(error.status, int)
            assert_type(error.request_id, str | None)
            assert_type(error.attempts, int)
        case APIError():
            api_errors(error)
        case _:
            pass
    return str(error)


def api_errors(error: APIError) -> None:
    """What Intercom's refusals carry."""
    assert_type(error.from_intercom, bool)
    assert_type(error.status, int)
    assert_type(error.code, str | None)
    assert_type(error.request_id, str | None)
    assert_type(error.attempts, int)
    assert_type(error.errors, tuple[ErrorDetail, ...])
    for detail in error.errors:
        assert_type(detail.code, str | None)
        assert_type(detail.message, str | None)
        assert_type(detail.field, str | None)
    assert_type(error.coverage, Coverage | None)
    if isinstance(error, InvalidAttributesError):
        assert_type(error.problems, tuple[AttributeProblem, ...])
        assert_type(error.problems[0].code, str)
        assert_type(error.problems[0].attribute, str | None)
        assert_type(error.problems[0].nearest, tuple[str, ...])
        assert_type(error.problems[0].expected, str | None)
    if isinstance(error, PartNotRedactableError):
        assert_type(error.reason, str | None)
    if isinstance(error, AlreadyTicketError):
        assert_type(error.ticket_id, str | None)
    if isinstance(error, RateLimitedError):
        assert_type(error.retry_after, float | None)
        assert_type(error.rate_limit, RateLimit | None)


BEFORE_ANY_REQUEST: tuple[type[ConfigurationError], ...] = (ConfigurationError, ClientClosedError, WrongEventLoopError)
REFUSALS: tuple[type[APIError], ...] = (
    BadRequestError,
    UnauthorizedError,
    ForbiddenError,
    NotFoundError,
    ConflictError,
    UnprocessableError,
    PartNotRedactableError,
    AlreadyTicketError,
    RateLimitedError,
    ServerError,
)


# Events

AnyEvent = RequestSent | ResponseReceived | RetryScheduled | Paced | OutcomeSettled | CallCancelled | VersionDiffers


def events(event: AnyEvent) -> None:
    """What each record says."""
    match event:
        case RequestSent():
            assert_type(event.attempt, int)
            assert_type(event.sent_at, float)
        case ResponseReceived():
            assert_type(event.duration, float)
            assert_type(event.status, int | None)
            assert_type(event.request_id, str | None)
            assert_type(event.error, str | None)
            assert_type(event.code, str | None)
        case RetryScheduled():
            assert_type(event.reason, str)
            assert_type(event.delay, float)
        case Paced():
            assert_type(event.waited, float)
            assert_type(event.rate_limit, RateLimit | None)
        case OutcomeSettled():
            assert_type(event.outcome, str)
            assert_type(event.by_reading, bool)
            assert_type(event.attempts, int)
            assert_type(event.reason, str | None)
        case CallCancelled():
            assert_type(event.stage, str)
            assert_type(event.sent_at, float | None)
            assert_type(event.may_be_applied, bool)
        case VersionDiffers():
            assert_type(event.asked, str)
            assert_type(event.answered, str)
        case _:
            assert_never(event)


# Clean-ups


def items() -> Iterator[Item]:
    """What a run is made of."""
    part = RedactPart(471, "115", found=["iban"])
    assert_type(part.conversation_id, str)
    assert_type(part.found, tuple[str, ...])
    assert_type(part.key, tuple[str, str, str])
    yield part
    yield RedactSource("471", 403918311)
    yield Convert("471", 79, title="A", description=None, attributes={"priority": "1"})
    RedactPart("471", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def planning(intercom: Intercom, stream: AsyncIterator[str], path: Path, text: TextIO) -> None:
    """Find, plan, read the plan, and check it before a run."""
    found = find(intercom, ["471", 472], [CardNumbers()], on_progress=print)
    assert_type(found, Finding)
    async for item in found:
        assert_type(item, Item)
    assert_type(ids_in(text), Ids)
    query = search_query(contact="66a1", state="open", created_after=date(2026, 1, 1), updated_before=1_800_000_000)
    for source in (stream, ids_in(path), intercom.conversations.list(), intercom.conversations.search(query)):
        assert_type(await plan(intercom, source, to=path, detectors=[CardNumbers()], overwrite=True), PlanSummary)
    await plan(intercom, {"471"}, to=text, convert=ConvertTo("95", title="Refund", attributes={"Priority": "High"}))
    whole = read_plan(path)
    assert_type(whole, Plan)
    await preflight(intercom, whole)
    assert_type(whole.items(), Iterator[Item])
    assert_type(whole.unread(), Iterator[Unread])
    assert_type(whole.summary.minutes, float | None)
    async with run(intercom, whole.items(), ledger="cleanup.ledger") as results:
        assert_type(await results.finish(), Summary)


async def clean_up(intercom: Intercom, stream: AsyncIterator[RedactPart], path: Path) -> Summary:
    """A run, with items from anywhere."""
    async with run(intercom, items(), ledger="cleanup.ledger") as results:
        assert_type(results, Run)
        async for result in results:
            assert_type(result, Result)
            assert_type(result.item, Item)
            assert_type(result.outcome, Outcome)
            assert_type(result.state, State)
            assert_type(result.error, IntercomError | None)
            assert_type(result.request_id, str | None)
            assert_type(result.ticket_id, str | None)
            assert_type(result.reason, str | None)
            assert_type(result.by_reading, bool)
            assert_type(result.attempts, int)
            if results.stopping:
                results.stop(drain=0)
        assert_type(results.error, Exception | None)
        assert_type(results.summary, Summary)
    options = run(intercom, stream, ledger=path, concurrency=4, priority="interactive", drain=5, stop_on_signals=True)
    async with options as results:
        summary = await results.finish()
    assert_type(summary.outcomes, Mapping[Outcome, int])
    assert_type(summary.states, Mapping[State, int])
    assert_type((summary.skipped, summary.in_flight, summary.ended), tuple[int, int, int])
    assert_type((summary.requests, summary.refused), tuple[int, int])
    assert_type((summary.waited, summary.seconds), tuple[float, float])
    assert_type(summary.stopped_by, str | None)
    assert_type(summary.complete, bool)
    run(intercom, items())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    return summary


def ledger(path: Path) -> None:
    """What a ledger tells."""
    with Ledger.read(path) as ledger:
        assert_type(ledger, Ledger)
        assert_type(ledger.meta, Mapping[str, str])
        assert_type(ledger.records(), Iterator[Record])
        assert_type(ledger.runs(), list[RunRecord])
        assert_type(ledger.counts(), dict[tuple[str, State, Outcome | None], int])


# The sandbox


def sandbox() -> Iterator[Server]:
    """The imitation that users test with."""
    box = Sandbox("token", region="Europe", limit=5, window=0.5, clock=lambda: 1.0, seed=False)
    assert_type(box.client(max_retries=0), Intercom)
    assert_type(box.token, str)
    assert_type(box.ledger, list[Effect])
    assert_type(box.requests, list[Received])
    box.fault(Fault(operation="redactConversation", when="after", drop=True, times=None), Fault(delay=0.1))
    box.clear_faults()
    ticket_type_id = box.add_ticket_type(attributes=[{"name": "amount", "data_type": "decimal"}], category="Customer")
    conversation_id = box.add_conversation(source={"body": "<p>Hello</p>"}, parts=2, title="A")
    assert_type(ticket_type_id, str)
    assert_type(box.add_part(conversation_id, body="<p>Hi</p>"), str)
    assert_type(box.conversation(conversation_id), dict[str, Any])
    with box.serve(0, host="127.0.0.1") as server:
        assert_type(server.url, str)
        assert_type(server.port, int)
        yield server


# The raw layer, with a sender of one's own


class Recorded:
    """A sender that answers from a table."""

    async def send(
        self,
        method: str,
        path: str,
        *,
        values: Mapping[str, str | int] | None = None,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> Mapping[str, Any]:
        """Answer anything with an empty object."""
        return {}


async def raw(intercom: Intercom) -> None:
    """The generated functions take any sender, the client's among them."""
    senders: list[Sender] = [Recorded(), intercom.sender, intercom.sender_for("9.1")]
    for sender in senders:
        part = RedactConversationPartRequest(conversation_id="471", conversation_part_id="115")
        assert_type(await redact_conversation(sender, body=part), Conversation)
        source = RedactConversationSourceRequest(conversation_id="471", source_id="403918311")
        assert_type(await redact_conversation(sender, body=source), Conversation)
        conversion = ConvertConversationToTicketRequest(ticket_type_id="79", attributes={"_default_title_": "A"})
        assert_type(await convert_conversation_to_ticket(sender, "471", body=conversion), Ticket)
        assert_type(await retrieve_conversation(sender, 471, display_as="plaintext"), Conversation)
        assert_type(await list_conversations(sender, per_page=5, starting_after="WzE2"), ConversationList)
        query = SearchRequest(query=SingleFilterSearchRequest(field="id", operator="=", value="471"))
        assert_type(await search_conversations(sender, body=query), ConversationList)
        assert_type(await get_ticket(sender, "474"), Ticket)
        assert_type(await get_ticket_type(sender, "79"), TicketType)
        assert_type(await list_ticket_types(sender), TicketTypeList)
        assert_type(await identify_admin(sender), AdminWithApp)


# The checkers see the literal values of constants, in their own ways; what is promised is the type.
TEXTS: tuple[str, ...] = (__version__, API_VERSION, Region.US.value)
TOKEN_SOURCE: Callable[[], Awaitable[str]] = fresh_token


def chosen(message: types.Message) -> bool:
    """A `select`, annotated as the SDK does it."""
    return bool(message.text)


def the_types_of_arguments(priority: types.Priority, transport: types.Transport, token: types.Token) -> types.Select:
    """Applications annotate their own functions with `aiointercom.types`."""
    timeout: types.Timeout = 3.0
    client = Intercom(token, timeout=timeout, priority=priority, transport=transport)
    assert_type(client.conversations, types.Conversations)
    assert_type(client.tickets, types.Tickets)
    assert_type(client.ticket_types, types.TicketTypes)
    assert_type(client.sender, types.Sender)
    assert_type(client.conversations.list(), types.ConversationPages)
    assert_type(checked_id(471, "conversation_id"), str | int)
    return chosen


def the_ways_of_every_day(
    conversation: its_models.Conversation, ticket: its_models.Ticket, kind: its_models.TicketType
) -> None:
    """Parts, ids and attributes are never None; what may mean something by its absence is."""
    assert_type(conversation.parts, tuple[its_models.ConversationPart, ...])
    assert_type(conversation.source_id, str)
    assert_type(conversation.attributes, Mapping[str, Any])
    assert_type([part.author_type for part in ticket.parts], list[str])
    assert_type(kind.attributes, tuple[its_models.TicketTypeAttribute, ...])
    assert_type(conversation.source, its_models.ConversationSource | None)
