"""The nine operations: from path values, query and body to an answer and the effect it had. Pure."""

from collections.abc import Callable, Mapping

from attrs import field, frozen

from .conversion import convert, ticket_shown
from .pages import page
from .queries import matcher
from .redaction import redact
from .refusals import Json, as_object, invalid, missing
from .shapes import admin_with_app
from .workspace import Workspace, shown


@frozen
class OperationRequest:
    """The request of an operation: path values, the first value of each query name, the JSON body.

    at: Unix seconds when it is executed. sees: the time whose state a read shows, as Unix seconds; None: now.
    """

    values: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    at: float
    region: str
    workspace_id: str
    sees: float | None = None


@frozen
class OperationResult:
    """The result of an operation and, for a write, its target: (conversation id, id of part, source or ticket)."""

    answer: Json
    effect: tuple[str, str] | None = None


@frozen
class Operation:
    """One operation. `reads_body`: a JSON body is required."""

    id: str
    method: str
    path: str
    run: Callable[[Workspace, OperationRequest], OperationResult]
    reads_body: bool = field(default=False, kw_only=True)


def _identify_admin(_workspace: Workspace, call: OperationRequest) -> OperationResult:
    return OperationResult(admin_with_app(call.region, call.workspace_id))


def _list(workspace: Workspace, call: OperationRequest) -> OperationResult:
    return OperationResult(page(workspace, lambda _item: True, call.query))


def _search(workspace: Workspace, call: OperationRequest) -> OperationResult:
    if "query" not in call.body:
        raise missing("query")
    given = call.body.get("pagination")
    pagination = {} if given is None else as_object(given)
    if pagination is None:
        raise invalid("pagination must be an object")
    return OperationResult(page(workspace, matcher(call.body["query"]), pagination))


def _retrieve(workspace: Workspace, call: OperationRequest) -> OperationResult:
    record = workspace.conversation(call.values["conversation_id"])
    return OperationResult(shown(record, plaintext=call.query.get("display_as") == "plaintext"))


def _redact(workspace: Workspace, call: OperationRequest) -> OperationResult:
    record, target_id = redact(workspace, call.body, call.at)
    return OperationResult(shown(record), (record.fields["id"], target_id))


def _convert(workspace: Workspace, call: OperationRequest) -> OperationResult:
    record = convert(workspace, call.values["conversation_id"], call.body, call.at)
    ticket = ticket_shown(workspace, record.fields["id"])
    return OperationResult(ticket, (record.fields["id"], ticket["id"]))


def _get_ticket(workspace: Workspace, call: OperationRequest) -> OperationResult:
    return OperationResult(ticket_shown(workspace, call.values["ticket_id"]))


def _list_ticket_types(workspace: Workspace, _call: OperationRequest) -> OperationResult:
    return OperationResult({"type": "list", "data": list(workspace.ticket_types.values())})


def _get_ticket_type(workspace: Workspace, call: OperationRequest) -> OperationResult:
    return OperationResult(workspace.ticket_type(call.values["ticket_type_id"]))


# Fixed paths stand before those with a value in them: the first match answers.
OPERATIONS = (
    Operation("identifyAdmin", "GET", "/me", _identify_admin),
    Operation("listConversations", "GET", "/conversations", _list),
    Operation("searchConversations", "POST", "/conversations/search", _search, reads_body=True),
    Operation("redactConversation", "POST", "/conversations/redact", _redact, reads_body=True),
    Operation("retrieveConversation", "GET", "/conversations/{conversation_id}", _retrieve),
    Operation(
        "convertConversationToTicket", "POST", "/conversations/{conversation_id}/convert", _convert, reads_body=True
    ),
    Operation("getTicket", "GET", "/tickets/{ticket_id}", _get_ticket),
    Operation("listTicketTypes", "GET", "/ticket_types", _list_ticket_types),
    Operation("getTicketType", "GET", "/ticket_types/{ticket_type_id}", _get_ticket_type),
)
