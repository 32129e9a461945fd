"""From a body, HTML or plain text, to the text that a person sees, and to what is stored in it besides.

Pure; in linear time and without an error, however broken the HTML.

Not html.parser: in Python 3.11.7 it takes 34 s for 40 kB of `<a ` and raises on `<![`, and anybody who writes to a
workspace may send either. Where HTML is broken (a comment or a quote that never ends) browsers hide the rest; here it
counts as seen, since it is still in the body.
"""

from __future__ import annotations

import re

from attrs import frozen

from .attributes import stored_value, values_of
from .characters import plain
from .encodings import decoded_words, embedded_texts, in_pieces, resolved, unfolded

# Elements that stand apart from what is around them: a number does not go on across them. All others are inline. A
# footnote stands apart too.
_BLOCKS = """address article aside audio blockquote body br button canvas caption center col colgroup dd details dialog
dir div dl dt embed fieldset figcaption figure footer form frame h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe
img input legend li link main map menu meta nav noscript object ol optgroup option p pre script search section select
style sub summary sup svg table tbody td template textarea tfoot th thead title tr ul video"""
BLOCKS = frozenset(_BLOCKS.split())
UNSEEN = frozenset({"script", "style", "template"})
_MARKUP = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9]*+)>|!--|[!?]|/?([A-Za-z][^\s/<>]*))")
# Whatever else stands between < and > is no tag but text, e.g. <ada@example.com>.
_ELEMENT = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[:-][A-Za-z][A-Za-z0-9-]*)*")
_WITHIN_TAG = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+){0,1000}+(>)?""")
_END_OF_COMMENT = re.compile("--!?>")
# `<!-->` and `<!--->` are whole comments.
_EMPTY_COMMENT = re.compile("-?>")
# All runs of blanks but a single one, which is left as it is: that is quicker.
_SPACES = re.compile(r"[\t\n\r\f][ \t\n\r\f]*+| [ \t\n\r\f]++")
_NO_SPACE = re.compile(r"[^ \t\n\r\f]")
_AT_ONCE = 10_000  # characters
_DEEPEST = 3
"""How deep HTML within comments, templates and attributes is read as HTML: each level takes the time of another
reading."""


@frozen
class Texts:
    """What detectors look at in a body: in `shown` first, and for what is not found there in `stored`."""

    shown: str
    """What a person sees, and behind it, a line each, its words that are written in codes, decoded."""
    stored: str
    """What is in the body besides, a line each, decoded too."""


def visible_text(html: str) -> str:
    """Give the text that a person sees of a body, in the characters that detectors look for.

    Tags are gone: inline ones join what is around them (`41<b>11</b>` is 4111), all others end a line, and so do the
    cells of a table. Entities are resolved. What stands in the field of a form is seen. Scripts, styles, templates,
    comments and attributes are left out: see `stored_text`.

    Digits of any script, full-width letters, blanks and dashes become those of ASCII; zero-width characters and soft
    hyphens go.

    Args:
        html: A body or a subject, HTML or plain text. Line breaks of plain text stay; those in HTML are blanks, as in a
            browser.

    Returns:
        The text. Offsets in it are not offsets in `html`.
    """
    return plain(_read(html)[0])


def stored_text(html: str) -> str:
    """Return the text that is stored in a body but not shown, in the characters that detectors look for.

    That is comments, templates, scripts, styles, and the values of attributes: alternative texts, titles, targets of
    links, whatever else. HTML within them is read as HTML. Of files that stand in the body itself, in a `data:`
    address, texts are read and pictures left out.

    Args:
        html: A body or a subject, HTML or plain text.

    Returns:
        The text, a line each; "": there is no such text.
    """
    return plain("\n".join(_read(html)[1]))


def texts_in(html: str) -> Texts:
    """Return all texts of a body that detectors search: the shown text, the stored text, and both of them decoded."""
    shown, stored = _read(html)
    texts, asides = [shown], [*stored]
    if (whole := unfolded(html)) is not None:
        again, besides = _read(whole)
        texts.append(again)
        asides += besides
    text, aside = plain("\n".join(texts)), plain("\n".join(dict.fromkeys(asides)))
    return Texts(_with_decoded(text), _with_decoded(aside))


def _with_decoded(text: str) -> str:
    words = [*decoded_words(text), *embedded_texts(text)]
    return plain("\n".join([text, *words])) if words else text


def _read(html: str, depth: int = 0) -> tuple[str, list[str]]:
    """Return what is shown of a body, and what is stored besides."""
    if "<" not in html:
        return resolved(html), []
    reader = _Reader(html)
    shown = reader.text()
    return shown, [text for aside in reader.aside for text in _within(aside, depth + 1)]


def _within(aside: str, depth: int) -> list[str]:
    if "<" not in aside or depth > _DEEPEST:
        return [aside]
    shown, stored = _read(aside, depth)
    return [aside, shown, *stored]


class _Reader:
    """Goes through a body once.

    What was not found up to its end is not looked for again, so that the time stays linear.
    """

    def __init__(self, html: str) -> None:
        self.html = html
        self.pieces: list[str | None] = []  # None: a line ends
        self.aside: list[str] = []
        self.missing: set[str] = set()

    def text(self) -> str:
        at, is_html = 0, False
        while markup := _next_markup(self.html, at):
            start = markup.start()
            self.pieces.append(self.html[at:start])
            end = self._after(markup)
            if end is None:
                self.pieces.append("<")
            at, is_html = (start + 1, is_html) if end is None else (end, True)
        self.pieces.append(self.html[at:])
        return "".join("\n" if piece is None else _resolved(piece, is_html) for piece in self.pieces)

    def _after(self, markup: re.Match[str]) -> int | None:
        """Where the text goes on; None: what looked like markup is text itself."""
        if simple := markup[2]:  # a whole tag without attributes, as most are
            return self._tag(simple.lower(), markup[1] == "", markup.end())
        name = markup[3]
        if name is None:
            return self._comment(markup.end()) if markup[0] == "<!--" else self._declaration(markup.end())
        if not _ELEMENT.fullmatch(name):
            return None
        end = self._end_of_tag(markup.end())
        if end is None:
            return None
        opens = markup[0][1] != "/"
        self._attributes(name.lower(), self.html[markup.end() : end - 1])
        return self._tag(name.lower(), opens, end)

    def _tag(self, name: str, opens: bool, end: int) -> int:
        if name in BLOCKS:
            self.pieces.append(None)
        return self._end_of_unseen(name, end) if opens and name in UNSEEN else end

    def _comment(self, at: int) -> int | None:
        if empty := _EMPTY_COMMENT.match(self.html, at):
            return empty.end()
        closing = None if "-->" in self.missing else _END_OF_COMMENT.search(self.html, at)
        if closing is None:
            self.missing.add("-->")
            return None
        self.aside.append(self.html[at : closing.start()])
        return closing.end()

    def _declaration(self, at: int) -> int | None:
        end = self._behind(">", at)
        if end is not None:
            self.aside.append(self.html[at : end - 1])
        return end

    def _behind(self, mark: str, at: int) -> int | None:
        if mark in self.missing or (found := self.html.find(mark, at)) < 0:
            self.missing.add(mark)
            return None
        return found + len(mark)

    def _end_of_tag(self, at: int) -> int | None:
        """The place behind the first > outside quotes; behind the first > of all if the quotes never end."""
        end = self._behind(">", at)
        if end is None or "=" not in self.html[at:end] or "quotes" in self.missing:
            return end
        if (whole := _closing_sign(self.html, at)) is not None:
            return whole
        self.missing.add("quotes")
        return end

    def _end_of_unseen(self, name: str, at: int) -> int:
        closing = None if name in self.missing else re.compile(f"</{name}", re.IGNORECASE).search(self.html, at)
        if closing is None:
            self.missing.add(name)
            return at
        self.aside.append(self.html[at : closing.start()])
        return closing.start()

    def _attributes(self, name: str, text: str) -> None:
        """Take what the attributes of a tag say: what a browser shows in its place, all else aside."""
        for value, shown in values_of(name, text):
            if shown:
                self.pieces += (None, value, None)
            elif stored := stored_value(_resolved(value, True).strip()):
                self.aside.append(stored)


def _next_markup(html: str, at: int) -> re.Match[str] | None:
    """Search a stretch at a time: until a search returns, no other thread runs."""
    while at < len(html):
        end = at + _AT_ONCE
        if found := _MARKUP.search(html, at, end):
            return found if found.end() < end else _MARKUP.match(html, found.start())
        at = end - 2  # of the shortest markup, as of </a, only the beginning may stand there
    return None


def _closing_sign(html: str, at: int) -> int | None:
    """Behind the first > that is not within quotes, a thousand attributes at a time. None: it is missing."""
    while (within := _WITHIN_TAG.match(html, at)) and within.end() > at:
        at = within.end()
        if within[1]:
            return at
    return None


def _resolved(text: str, is_html: bool = False) -> str:
    text = resolved(text)
    return in_pieces(text, lambda piece: _SPACES.sub(" ", piece), _NO_SPACE) if is_html else text
