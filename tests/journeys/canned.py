"""Clients for the tests of journeys: over a sandbox or over canned answers, on a clock that nobody waits for, with
their records kept.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Self

import anyio
import httpx

from aiointercom import Intercom
from aiointercom._delivery.clock import Clock
from aiointercom.events import Event
from aiointercom.sandbox import Sandbox

Answer = httpx.Response | BaseException | Callable[[httpx.Request], httpx.Response]
TOKEN = "dG9rOmNhbm5lZA"


class Waits:
    """A clock whose sleeps take no time; they are kept in `slept`. Its jitter is 0, so that a backoff takes none
    either.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.clock = Clock(now=time.time, monotonic=self._monotonic, sleep=self._sleep, jitter=lambda: 0.0)

    def _monotonic(self) -> float:
        return 1000.0 + sum(self.slept)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await anyio.lowlevel.checkpoint()


class Canned(httpx.AsyncBaseTransport):
    """Gives the answers in turn, the last one for ever, and keeps the requests. An answer may be a function or an
    error.
    """

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        await request.aread()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        response = answer(request) if callable(answer) else answer
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    async def aclose(self) -> None:
        self.closed = True


def says(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=json.dumps(body).encode(), headers=named)


def refuses(status: int, code: str = "parameter_invalid", message: str = "no", **headers: str) -> httpx.Response:
    """Intercom's error answer."""
    return says(
        {"type": "error.list", "request_id": "r-1", "errors": [{"code": code, "message": message}]}, status, **headers
    )


class Scene:
    """An Intercom with its transport or sandbox, its records, and the sleeps that it asked for."""

    def __init__(self, behind: Canned | Sandbox, **options: Any) -> None:
        self.events: list[Event] = []
        self.waits = Waits()
        settings: dict[str, Any] = {"pace": None, "on_event": self.events.append} | options
        if isinstance(behind, Sandbox):
            self.intercom = behind.client(**settings)
        else:
            self.intercom = Intercom(settings.pop("token", TOKEN), transport=behind, **settings)
        self.intercom.sender._clock = self.waits.clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.intercom.aclose()

    def told(self, kind: type[Event]) -> list[Any]:
        """The records of one kind."""
        return [event for event in self.events if isinstance(event, kind)]
