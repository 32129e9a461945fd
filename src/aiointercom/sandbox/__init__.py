"""A stateful imitation of Intercom's API to test against: in process, or as a server on a real socket.

It shares no code with the SDK, so that a mistake in one cannot cancel the same mistake in the other. Choices that no
source settles are marked "Assumption" where they are made.
"""

import sys as _sys

try:
    import starlette as _starlette
    import uvicorn as _uvicorn
except ImportError as _missing:
    _needed = 'the sandbox needs starlette and uvicorn: pip install "aiointercom[sandbox]"'
    # While `python -m aiointercom.sandbox` is looked for, argv[0] is "-m": there is no `__main__` yet that could say it
    # without a traceback.
    if _sys.argv[:1] == ["-m"] and __name__ in _sys.orig_argv:
        _sys.stderr.write(f"{_needed}\n")
        raise SystemExit(2) from None
    raise ImportError(_needed) from _missing

from .faults import Fault
from .imitation import Sandbox
from .messages import Written
from .records import Effect, Received
from .server import Server
from .several import Workspaces
from .webhooks import Delivery, Webhooks

__all__ = ["Delivery", "Effect", "Fault", "Received", "Sandbox", "Server", "Webhooks", "Workspaces", "Written"]

del _starlette, _sys, _uvicorn
