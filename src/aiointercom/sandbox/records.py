"""What the sandbox remembers for the tests that use it: ids and codes only, never a message's words."""

from attrs import frozen


@frozen
class Effect:
    """A write that took effect, whatever became of its answer.

    operation: `redactConversation` or `convertConversationToTicket`. conversation_id: where. target_id: the id of the
    part, source or ticket. at: Unix seconds on the sandbox's clock. request_id: of the request that did it.
    """

    operation: str
    conversation_id: str
    target_id: str
    at: float
    request_id: str


@frozen
class Received:
    """A request that reached the sandbox.

    operation: Intercom's operation id; None when no operation lies at that path. method and path: as received, without
    the query. status: what was answered; None when the connection was closed without an answer. at: Unix seconds on
    the sandbox's clock, when the request arrived. request_id: as in the answer.
    """

    operation: str | None
    method: str
    path: str
    status: int | None
    at: float
    request_id: str
