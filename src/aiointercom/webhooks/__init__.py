"""Webhooks: what Intercom tells an app of, checked, read, and answered in time.

    async def handle(notification: Notification) -> None:
        await queue.put(wanted(notification, [CardNumbers()]))

    app = Starlette(routes=[Route("/intercom", Endpoint(handle, secret=client_secret))])

`verify`, `Notification` and `wanted` send nothing and need no web framework. `Endpoint` is an ASGI app. docs/live.md
says how to use them.
Each name is imported when it is first asked for, as in `aiointercom` itself.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiointercom.errors import NotificationError, SignatureError, WebhookError

    from .endpoint import Endpoint
    from .items import wanted
    from .notification import Notification
    from .signature import verify

__all__ = [
    "Endpoint",
    "Notification",
    "NotificationError",
    "SignatureError",
    "WebhookError",
    "verify",
    "wanted",
]

_MODULES = {
    "Endpoint": ".endpoint",
    "Notification": ".notification",
    "verify": ".signature",
    "wanted": ".items",
}

if not TYPE_CHECKING:  # type checkers know the names from above

    def __getattr__(name: str) -> object:
        """Import the module of a name, and keep the name here."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(_import_module(_MODULES.get(name, "aiointercom.errors"), __name__), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
