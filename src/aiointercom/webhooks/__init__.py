"""Webhooks: what Intercom tells an app of, checked, read, and answered in time.

    async def handle(notification: Notification) -> None:
        await queue.put(wanted(notification, [CardNumbers()]))

    app = Starlette(routes=[Route("/intercom", Endpoint(handle, secret=client_secret))])

`verify`, `Notification` and `wanted` send nothing and need no web framework. `Endpoint` is an ASGI app. docs/live.md
says how to use them.

Each name is imported when it is first asked for, as in `aiointercom` itself.
"""

from typing import TYPE_CHECKING

from aiointercom._values.lazy_names import lazy_names as _lazy_names

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
    "NotificationError": "aiointercom.errors",
    "SignatureError": "aiointercom.errors",
    "WebhookError": "aiointercom.errors",
    "verify": ".signature",
    "wanted": ".items",
}

if not TYPE_CHECKING:  # type checkers know the names from above
    __getattr__ = _lazy_names(__name__, __name__, _MODULES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
