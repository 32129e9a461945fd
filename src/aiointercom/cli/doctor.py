"""`aiointercom doctor`: is everything there that a command needs, and if not, what is to be done?"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, TypeAlias

from attrs import frozen

from aiointercom import ConfigurationError, ForbiddenError, Intercom, IntercomError, Region, UnauthorizedError
from aiointercom import __version__ as own_version
from aiointercom.events import Event, VersionDiffers

from .account import OWN, Account
from .exits import Exit, UsageError, shown, told
from .talk import TALK, Talk

State: TypeAlias = Literal["ok", "warning", "failed", "skipped"]

TOKEN = "INTERCOM_ACCESS_TOKEN"  # noqa: S105  # the name of the variable
ENVIRONMENT = (
    "INTERCOM_REGION",
    "INTERCOM_BASE_URL",
    *("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""Variables that decide where requests go, and how. Their values are not shown: an address may hold a password."""
EXTRAS = {
    "cli": ("cyclopts", "rich"),
    "cleanup": ("filelock", "phonenumbers"),
    "sandbox": ("starlette", "uvicorn"),
    "aiohttp": ("aiohttp", "httpx-aiohttp"),
    "speed": ("msgspec",),
    "pgqueuer": ("pgqueuer", "asyncpg"),
}
"""What each extra brings."""
CLOCK = 5.0
"""Seconds by which this machine's clock may differ. Times are told in whole seconds, and an answer takes a while."""


@frozen
class Check:
    """What one check found. `advice` says what to do; empty: nothing."""

    name: str
    state: State
    detail: str
    advice: str = ""
    status: Exit = Exit.DONE
    """With which status the command ends because of it."""


async def doctor(*, account: Account = OWN, talk: Talk = TALK) -> Exit:
    """Check the set-up: versions, environment, token, region, clock, rate limit and extras. It only reads `/me`.

    Exit status: 0 nothing failed, 2 something has to be mended here, 3 Intercom cannot be reached.
    """
    talk.listen()
    checks = [*_installed(), *_environment(), *await _workspace(account), *_extras()]
    for check in checks:
        record = {"name": check.name, "state": check.state, "detail": check.detail, "advice": check.advice or None}
        advice = [f"{'':<9}-> {check.advice}"] if check.advice else []
        talk.result({"type": "check", **record}, f"{check.state:<8} {check.name}: {check.detail}", *advice)
    count = {state: sum(check.state == state for check in checks) for state in ("ok", "warning", "failed", "skipped")}
    statuses = {check.status for check in checks if check.state == "failed"}
    status = next((one for one in (Exit.USAGE, Exit.STOPPED) if one in statuses), Exit.DONE)
    talk.result(
        {"type": "doctor", **count, "exit": int(status)},
        ", ".join(f"{number} {word}" for word, number in count.items()),
    )
    return shown() if status is Exit.DONE else status


def _installed() -> Iterator[Check]:
    yield Check("python", "ok", f"{platform.python_implementation()} {platform.python_version()} on {sys.platform}")
    yield Check("aiointercom", "ok", own_version)


def _environment() -> Iterator[Check]:
    """Name the variables that are set. Whether they can be used shows when a client is made."""
    named = [name for name in ENVIRONMENT if os.environ.get(name)]
    yield Check("environment", "ok", ", ".join(named) or "no variable changes the way to Intercom")


async def _workspace(account: Account) -> list[Check]:
    """Make a client and ask `/me`, and say what its answer tells. Without a token, make a client and ask nothing."""
    events: list[Event] = []
    has_token = account.sandbox or bool(os.environ.get(TOKEN))
    try:
        async with account.client(events.append, stand_in=None if has_token else "none") as intercom:
            usable = Check("settings", "ok", "address, proxies and certificates can be used")
            if has_token:
                return [usable, *await _asked(intercom, events)]
            missing = Check("token", "failed", "there is none", f"set {TOKEN}", Exit.USAGE)
            return [usable, missing, Check("workspace", "skipped", "it takes a token")]
    except (ConfigurationError, UsageError) as error:
        return [
            Check("settings", "failed", told(error), "mend what it names, and try again", Exit.USAGE),
            Check("workspace", "skipped", "it takes settings that can be used"),
        ]


async def _asked(intercom: Intercom, events: list[Event]) -> list[Check]:
    began = time.time()
    try:
        me = await intercom.me()
    except (UnauthorizedError, ForbiddenError) as error:
        advice = (
            "take a token of this workspace from the Developer Hub; one of another region is refused, too: --region"
        )
        return [Check("token", "failed", told(error), advice, Exit.USAGE)]
    except IntercomError as error:
        advice = "is the address right, and does a proxy or a firewall let it through?"
        return [Check("connection", "failed", told(error), advice, Exit.STOPPED)]
    seconds = time.time() - began
    workspace = me.app.id_code if me.app else None
    return [
        Check("token", "ok", f"workspace {workspace}, admin {me.id}; answered in {seconds * 1000:.0f} ms"),
        _region(intercom.region, Region.of(me.raw)),
        _version(events),
        _clock(intercom.server_time() - time.time()),
        _limit(intercom),
    ]


def _region(asked: Region, real: Region) -> Check:
    if asked is real:
        return Check("region", "ok", real.name)
    advice = f"pass --region {real.name}, or set INTERCOM_REGION={real.name}"
    return Check("region", "warning", f"the workspace is in {real.name}, and {asked.name} is set", advice)


def _version(events: list[Event]) -> Check:
    for event in events:
        if isinstance(event, VersionDiffers):
            told = f"asked for {event.asked}, answered in {event.answered}"
            return Check("version", "warning", told, "fields of another version may read as None")
    return Check("version", "ok", "the API answers in the version that was asked for")


def _clock(ahead: float) -> Check:
    if abs(ahead) <= CLOCK:
        return Check("clock", "ok", f"within {CLOCK:.0f} s of Intercom's")
    told = f"{abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} Intercom's"
    advice = "set it: the library goes by Intercom's clock, but dates that you give, and logs, go by this one"
    return Check("clock", "warning", told, advice)


def _limit(intercom: Intercom) -> Check:
    limit = intercom.rate_limit
    if limit is None:
        return Check("rate limit", "warning", "no answer told it", "a proxy may remove the headers X-RateLimit-*")
    return Check("rate limit", "ok", f"{limit.limit} requests in a window, {limit.remaining} left")


def _extras() -> Iterator[Check]:
    for extra, packages in EXTRAS.items():
        there = {name: _version_of(name) for name in packages}
        missing = [name for name, found in there.items() if found is None]
        if missing:
            advice = f'where you need it: pip install "aiointercom[{extra}]"'
            yield Check(f"extra {extra}", "skipped", f"not installed: {', '.join(missing)}", advice)
        else:
            yield Check(f"extra {extra}", "ok", ", ".join(f"{name} {found}" for name, found in there.items()))


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
