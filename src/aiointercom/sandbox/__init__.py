"""A stateful imitation of Intercom's API 2.11 to test against: in process, or as a server on a real socket.

It shares no code with the SDK, so that a mistake in one cannot cancel the same mistake in the other. Choices that no
source settles are marked "Assumption" where they are made.
"""

try:
    import starlette as _starlette
    import uvicorn as _uvicorn
except ImportError as _missing:
    raise ImportError('the sandbox needs starlette and uvicorn: pip install "aiointercom[sandbox]"') from _missing

from aiointercom.sandbox.faults import Fault
from aiointercom.sandbox.imitation import Sandbox
from aiointercom.sandbox.records import Effect, Received
from aiointercom.sandbox.server import Server

__all__ = ["Effect", "Fault", "Received", "Sandbox", "Server"]

del _starlette, _uvicorn
