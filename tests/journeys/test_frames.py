"""No local variable of the SDK's frames shows a token, a body or an answer: tracebacks with locals and Sentry print them all.

Left out are the arguments of public methods, which are the caller's own, and frames outside of the SDK.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import sentry_sdk
from rich.console import Console
from rich.traceback import Traceback

import aiointercom.errors
from aiointercom import Intercom, IntercomError, OutcomeUnknownError
from aiointercom.cleanup import plan, read_plan
from aiointercom.regions import Region
from aiointercom.sandbox import Fault
from tests.journeys.canned import Canned, Scene, refuses, says
from tests.journeys.frames import errors_of, frames_of, leaks
from tests.journeys.test_privacy import CALLS, FAULTS, TOKEN, WORD, planted

pytestmark = pytest.mark.anyio

WORDS = (WORD, TOKEN)
Case = Callable[[], Awaitable[BaseException]]


async def error_of(call: Awaitable[Any]) -> BaseException:
    """The error that a call ends in."""
    with pytest.raises(BaseException) as caught:  # noqa: B017, PT011  # every kind is looked at
        await call
    return caught.value


async def all_errors(call: str, fault: str) -> list[BaseException]:
    """The errors of a call against a sandbox in which every text is the word, done twice."""
    sandbox = planted()
    sandbox.fault(*(Fault(**described) for described in FAULTS[fault]))
    found: list[BaseException] = []
    async with Scene(sandbox, max_retries=1) as scene:
        for _ in range(2):
            try:
                await CALLS[call](scene.intercom)
            except Exception as error:  # noqa: BLE001  # every one is looked at
                found.append(error)
    return found


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_word_in_a_local_variable(call: str, fault: str) -> None:
    """Whatever call ends in whatever error."""
    for error in await all_errors(call, fault):
        assert leaks(error, WORDS) == []
