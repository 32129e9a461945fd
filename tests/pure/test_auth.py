"""The token source: what a token may be, and that of all callers at once only one asks. No network."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

import anyio
import pytest

from aiointercom import ConfigurationError
from aiointercom._values.hidden import Hidden
from aiointercom.auth import TokenSource, checked, make_token

WORD = "Rumpelstilzchen"


@pytest.mark.parametrize("token", ["t", "dG9rOmFiYw==", "a-b_c.d~e", "!", "~", "x" * 5000])
def test_tokens(token: str) -> None:
    """Any printable ASCII without blanks is a token."""
    assert checked(Hidden(token)).reveal() == token


@pytest.mark.parametrize(
    "token",
    [
        "",
        f"{WORD} ",
        f" {WORD}",
        f"{WORD}\n",
        f"{WORD}\r\nX-Evil: 1",
        f"{WORD}\t",
        f"{WORD}\x00",
        f"{WORD}\x7f",
        f"{WORD}é",
        f"{WORD}\u200b",
        f"{WORD}\ud800",
        None,
        5,
        WORD.encode(),
        [WORD],
    ],
)
def test_what_is_no_token(token: Any) -> None:
    """Blanks, newlines, control and other characters, and other types, are refused, and the token is not printed."""
    with pytest.raises(ConfigurationError, match="token") as caught:
        checked(Hidden(token))
    error = caught.value
    shown = [str(error), repr(error), *traceback.format_exception(error), pickle.dumps(error).decode("latin-1")]
    assert WORD not in "".join(shown)


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None means the environment's token, and none there is an error that names the variable."""
    with pytest.raises(ConfigurationError, match="INTERCOM_ACCESS_TOKEN"):
        make_token(None)
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "")
    with pytest.raises(ConfigurationError, match="INTERCOM_ACCESS_TOKEN"):
        make_token(None)
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "from-env")
    assert make_token(None).reveal() == "from-env"
    assert make_token("own").reveal() == "own"


def test_repr_hides_the_token() -> None:
    """A token source prints nothing of what it holds."""
    assert WORD not in repr(TokenSource(Hidden(WORD)))


@pytest.mark.anyio
async def test_fifty_callers_one_question() -> None:
    """Fifty callers that need a token at once cause one question, and all get its answer."""
    asked: list[int] = []

    async def ask() -> str:
        asked.append(1)
        await anyio.sleep(0.01)
        return f"t{len(asked)}"

    source = TokenSource(Hidden(ask))
    got: list[str] = []

    async def one(refused: str | None) -> None:
        token = await (source.current() if refused is None else source.renewed(Hidden(refused)))
        got.append(token.reveal())

    for refused, expected in ((None, "t1"), ("t1", "t2")):
        got.clear()
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(one, refused)
        assert got == [expected] * 50
    assert len(asked) == 2


@pytest.mark.anyio
async def test_a_late_refusal_does_not_ask_again() -> None:
    """A call that was refused with a token that has been renewed since gets the new one without a question."""
    answers = iter(["old", "new"])

    async def ask() -> str:
        return next(answers)

    source = TokenSource(Hidden(ask))
    assert (await source.current()).reveal() == "old"
    assert (await source.renewed(Hidden("old"))).reveal() == "new"
    assert (await source.renewed(Hidden("old"))).reveal() == "new"
    assert (await source.current()).reveal() == "new"


@pytest.mark.anyio
async def test_a_fixed_token_stays() -> None:
    """A fixed token cannot be renewed: the same comes back, by which the caller sees it."""
    source = TokenSource(Hidden("fixed"))
    assert await source.current() == await source.renewed(Hidden("fixed")) == Hidden("fixed")


@pytest.mark.anyio
async def test_a_question_that_fails_changes_nothing() -> None:
    """When the source fails while it renews, its error comes through, and the next caller asks again."""
    answers: list[Any] = ["one", LookupError("down"), "bad token", "two"]

    async def ask() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    source = TokenSource(Hidden(ask))
    assert (await source.current()).reveal() == "one"
    with pytest.raises(LookupError):
        await source.renewed(Hidden("one"))
    assert (await source.current()).reveal() == "one"
    with pytest.raises(ConfigurationError):
        await source.renewed(Hidden("one"))
    assert (await source.renewed(Hidden("one"))).reveal() == "two"


@pytest.mark.anyio
@pytest.mark.parametrize("callable_", [lambda: "t", lambda: None, str])
async def test_callables_that_are_not_async(callable_: Any) -> None:
    """A callable whose answer cannot be awaited is a named error."""
    with pytest.raises(ConfigurationError, match="async"):
        await TokenSource(Hidden(callable_)).current()
