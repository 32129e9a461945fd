"""`aiointercom redact all`: a whole conversation, and what became of each of its messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from attrs import asdict

from aiointercom import Coverage, Intercom, IntercomError, checked_id
from aiointercom.cleanup import find
from aiointercom.detect import Detector, Matching

from .account import OWN, Account
from .consent import CONSENT_ASKED, Consent
from .exits import Exit, arguments, shown, told
from .looking import LOOKING_FOR_NOTHING, Looking
from .single import record_of
from .talk import TALK, Talk, columns, complain, counted


async def whole(
    conversation: str,
    /,
    *,
    looking: Looking = LOOKING_FOR_NOTHING,
    consent: Consent = CONSENT_ASKED,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Redact a whole conversation, its source included; with --find or --pattern only the messages that match.

    It ends with 0 only if a read afterwards shows that nothing of what was wanted remains.

    Args:
        conversation: The conversation's id.
    """
    talk.listen()
    with arguments():
        id = str(checked_id(conversation, "conversation_id"))
    detectors = looking.detectors()
    async with account.client() as intercom:
        if consent.dry_run:
            return await _foretold(intercom, id, detectors, talk)
        what = "every message in which it is found" if detectors else "every message"
        await consent.given(intercom, f"Redact {what} of conversation {id}")
        return await _redacted(intercom, id, detectors, talk)


async def _foretold(intercom: Intercom, id: str, detectors: tuple[Detector, ...], talk: Talk) -> Exit:
    """Say what would be redacted, after one read."""
    count = 0
    found = find(intercom, [id], detectors=detectors or None)
    async for item in found:
        count += 1
        kind, _, target = item.key
        words = f"would redact {kind.removeprefix('redact_')} {target} of conversation {id}"
        talk.result({**record_of(item), "dry_run": True}, words)
    if found.summary.unread:
        complain(f"conversation {id} cannot be read: {', '.join(found.summary.skipped)}")
        return Exit.FAILED
    talk.note(f"{counted(count, 'message')}; nothing was sent")
    return shown()


async def _redacted(intercom: Intercom, id: str, detectors: tuple[Detector, ...], talk: Talk) -> Exit:
    error: IntercomError | None = None
    try:
        coverage = await intercom.conversations.redact_all(id, Matching(*detectors) if detectors else None)
    except IntercomError as stopped:
        if stopped.coverage is None:
            raise
        error, coverage = stopped, stopped.coverage
    talk.outcome({"type": "coverage", **asdict(coverage)}, *columns(_rows(coverage)))
    if error is not None:
        complain(told(error))
        return Exit.STOPPED
    if coverage.unknown:
        talk.note("to know what is unknown, type the same command again; redacting twice does no harm")
        return Exit.UNKNOWN
    return Exit.DONE if coverage.complete else Exit.FAILED


def _rows(coverage: Coverage) -> Iterator[tuple[str, str]]:
    yield "parts", f"{coverage.seen} seen, {'?' if coverage.total is None else coverage.total} in all"
    yield "redacted", _listed(coverage.redacted)
    yield "redacted before", _listed(coverage.already_redacted)
    # Of a long conversation most are skipped: how many and why, not which.
    for reason, number in Counter(coverage.skipped.values()).items():
        yield f"skipped: {reason.replace('_', ' ')}", str(number)
    yield "refused", _listed(f"{id} ({why})" for id, why in coverage.refused.items())
    yield "unknown", _listed(f"{id} ({why})" for id, why in coverage.unknown.items())
    yield "with attachments", _listed(f"{id} ({number})" for id, number in coverage.attachments.items())
    yield "remaining", _listed(coverage.remaining)
    yield "complete", "yes" if coverage.complete else "no"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
