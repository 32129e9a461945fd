"""Intercom's objects, as the raw layer defines them. Every attribute may be None; `raw` holds the received object.

Each class is imported when it is first asked for, as in `intercom_raw.models`.
"""

from typing import TYPE_CHECKING

from intercom_raw import models as _models
from intercom_raw.models import __all__  # the same list, since it is the same module's

if TYPE_CHECKING:
    from intercom_raw.models import *  # noqa: F403  # generated: what it lists is what there is
else:

    def __getattr__(name: str) -> object:
        """Hand over what the raw layer lists, and nothing else that its module holds."""
        if name in __all__:
            return getattr(_models, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
