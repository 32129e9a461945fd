"""Which detectors find something in a body, what `Matching` selects, and what is refused."""

from __future__ import annotations

import ast
import builtins
import inspect
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import fields

import aiointercom.detect
from aiointercom import ConfigurationError
from aiointercom.detect import (
    CardNumbers,
    EmailAddresses,
    Ibans,
    Matching,
    Pattern,
    PhoneNumbers,
    Span,
    checked_detectors,
    found_in,
)
from aiointercom.models import ConversationPart, ConversationSource

ALL = [CardNumbers(), EmailAddresses(), Ibans(), PhoneNumbers("DE")]
FOLDER = Path(aiointercom.detect.__file__).parent


@pytest.mark.parametrize(
    ("html", "names"),
    [
        (None, ()),
        ("", ()),
        ("<p>Hello</p>", ()),
        ("<p>My card is 4111 <b>1111</b> 1111&nbsp;1111, thanks</p>", ("card_number",)),
        ("<p>ada@example.com<br>3782-822463-10005</p>", ("card_number", "email")),
        ("IBAN: DE89 3704 0044 0532 0130 00", ("iban",)),
        ("Call +49 30 1234567", ("phone",)),
        ("Call 030 1234567", ("phone",)),
    ],
)
def test_names_of_what_is_found(html: str | None, names: tuple[str, ...]) -> None:
    """The names of the detectors that find something come sorted; no body gives none."""
    assert found_in(html, ALL) == names


def test_no_detector_finds_nothing() -> None:
    """Without a detector there is nothing to find."""
    assert found_in("ada@example.com", []) == ()


def test_a_detector_is_asked_for_one_place_only() -> None:
    """One place is enough to know: a detector that yields is not run to its end."""
    yielded = 0

    class Endless:
        name = "endless"

        def find(self, text: str) -> Iterator[Span]:
            nonlocal yielded
            while True:
                yielded += 1
                yield Span(0, 1, self.name)

    assert found_in("x", [Endless()]) == ("endless",)
    assert yielded == 1


def test_matching_looks_at_body_and_subject() -> None:
    """A part is wanted for its body, a source for its body or its subject, and nothing else of them is read."""
    wanted = Matching(CardNumbers(), EmailAddresses())
    card = "<p>4111111111111111</p>"
    assert wanted(ConversationPart(body=card))
    assert wanted(ConversationSource(body=card))
    assert wanted(ConversationSource(body="<p>Hello</p>", subject="From ada@example.com"))
    assert not wanted(ConversationSource(body="<p>Hello</p>", subject="Hello"))
    assert not wanted(ConversationPart(body=None))


def test_a_span_holds_no_text() -> None:
    """What a detector gives is where and what, not the words."""
    (span,) = Pattern("order", r"ORD-\d+").find("see ORD-123")
    assert span == Span(4, 11, "order")
    assert {field.name for field in fields(Span)} == {"start", "end", "kind"}


def test_an_error_of_a_users_detector_reaches_the_caller() -> None:
    """What a user's detector raises is neither hidden nor wrapped in words of ours."""
    mine = LookupError("mine")

    class Broken:
        name = "broken"

        def find(self, text: str) -> list[Span]:
            raise mine

    with pytest.raises(LookupError) as caught:
        found_in("a planted word", [Broken()])
    assert caught.value is mine


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("name", ["", "two words", "1st", "a-b", "é", "a\n", "x" * 65, None, 7])
def test_a_name_is_one_word(name: Any) -> None:
    """A detector's name stands in plans and reports, so it is one plain word, whoever made the detector."""

    class Mine:
        def find(self, text: str) -> list[Span]:
            return []

    with pytest.raises(ValueError, match="one word"):
        Pattern(name, "x")
    mine: Any = Mine()
    mine.name = name
    with pytest.raises(ValueError, match="one word"):
        checked_detectors([mine])


def test_names_differ() -> None:
    """Two detectors of one name could not be told apart in a plan."""
    with pytest.raises(ValueError, match="same name: card_number"):
        Matching(CardNumbers(), Ibans(), CardNumbers())
    assert checked_detectors(iter(ALL)) == tuple(ALL)


def test_matching_needs_a_detector() -> None:
    """`Matching()` would select nothing and hide a mistake."""
    with pytest.raises(ValueError, match="needs a detector"):
        Matching()


@pytest.mark.parametrize("regex", ["(planted", "planted{2,1}", "[planted", "(?P<planted>a)(?P<planted>b)"])
def test_a_bad_pattern_is_refused_without_a_word_of_it(regex: str) -> None:
    """The error names the detector and what is wrong, and not the expression, which may hold a customer's name."""
    with pytest.raises(ValueError, match="'order' is no regular expression") as caught:
        Pattern("order", regex)
    assert "planted" not in f"{caught.value!r} {caught.value.__cause__!r}" or "redefinition" in str(caught.value)
    assert caught.value.__suppress_context__


def test_patterns() -> None:
    """A regular expression may be compiled already, and an empty match is none."""
    assert list(Pattern("order", re.compile("ORD", re.IGNORECASE)).find("an ord")) == [Span(3, 6, "order")]
    assert list(Pattern("maybe", "x*").find("axxa")) == [Span(1, 3, "maybe")]


def test_reprs_name_kinds_only() -> None:
    """Neither the expression of a pattern nor anything else of a user's shows in a repr."""
    shown = repr(Matching(CardNumbers(), Pattern("customer", "planted"), PhoneNumbers("de")))
    assert shown == "Matching(card_number, customer, phone)"
    assert repr(Pattern("customer", "planted")) == "Pattern('customer')"
    assert repr(PhoneNumbers("de")) == "PhoneNumbers(region='DE')"


@pytest.mark.parametrize("region", ["", "XX", "Germany", "49"])
def test_regions_of_phone_numbers(region: str) -> None:
    """A region that the library does not know would find nothing, silently."""
    with pytest.raises(ValueError, match="no region"):
        PhoneNumbers(region)


def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library phonenumbers, making the detector says what to install."""
    there = builtins.__import__

    def missing(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "phonenumbers":
            raise ImportError(name)
        return there(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigurationError, match=re.escape('pip install "aiointercom[cleanup]"')):
        PhoneNumbers()


def test_the_library_is_imported_when_it_is_asked_for() -> None:
    """Importing the detectors loads no library of the extra, and nothing of ours but the errors (and the package's own
    front page).
    """
    program = "import sys, aiointercom.detect; print('phonenumbers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    modules = {
        node.module
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("aiointercom")
    }
    assert {module for module in modules if not module.startswith("aiointercom.detect")} == {"aiointercom.errors"}


def test_detectors_can_be_handed_to_a_process() -> None:
    """Those without a library inside can be pickled, for a pool of processes."""
    for detector in (CardNumbers(), Ibans(), EmailAddresses(), Pattern("order", "x"), PhoneNumbers("DE")):
        again = pickle.loads(pickle.dumps(detector))
        assert again.name == detector.name


# ---------------------------------------------------------------- the surface


def test_public_names() -> None:
    """`__all__` is sorted and all there is; every public thing and method says what it does; the typing file uses each
    of them.
    """
    names = aiointercom.detect.__all__
    assert names == sorted(set(names))
    usage = (Path(__file__).parent.parent / "typing" / "usage_detect.py").read_text()
    for name in names:
        thing = getattr(aiointercom.detect, name)
        assert inspect.getdoc(thing)
        methods = (
            {n: m for n, m in vars(thing).items() if not n.startswith("_") and callable(m)}
            if inspect.isclass(thing)
            else {}
        )
        assert [n for n, m in methods.items() if not inspect.getdoc(m)] == []
        assert re.search(rf"\b{name}\b", usage.partition("\n)\n")[2])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_each_file_states_its_rule(path: Path) -> None:
    """The first lines of every module say what it is for."""
    assert ast.get_docstring(ast.parse(path.read_text()))
