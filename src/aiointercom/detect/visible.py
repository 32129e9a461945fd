"""From a body, which is HTML or plain text, to the text that a person sees. Pure; in linear time and without an error, however broken the HTML.

Not html.parser: in Python 3.11.7 it takes 34 s for 40 kB of `<a ` and raises on `<![`, and whoever writes to a workspace may send either.
Where HTML is broken (a comment or a quote that never ends) browsers hide the rest; here it counts as seen, since it is still in the body.
"""

from __future__ import annotations

import html as entities
import re
import unicodedata
from urllib.parse import unquote

# Elements that stand apart from what is around them: a number does not go on across them. All others are inline.
_BLOCKS = """address article aside audio blockquote body br button canvas caption center col colgroup dd details dialog dir div dl dt embed
fieldset figcaption figure footer form frame h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input legend li link main map
menu meta nav noscript object ol optgroup option p pre script search section select style summary svg table tbody td template
textarea tfoot th thead title tr ul video"""
BLOCKS = frozenset(_BLOCKS.split())
UNSEEN = frozenset({"script", "style", "template"})
LINKS = ("mailto:", "tel:", "sms:")
_MARKUP = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9]*+)>|!--|[!?]|/?([A-Za-z][^\s/<>]*))")
# Whatever else stands between < and > is no tag but text, e.g. <ada@example.com>.
_ELEMENT = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[:-][A-Za-z][A-Za-z0-9-]*)*")
_END_OF_TAG = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>""")
_ATTRIBUTE = re.compile(r"""(?<![\w-])(href|alt|title)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
# All runs of blanks but a single one, which is left as it is: that is quicker.
_SPACES = re.compile(r"[\t\n\r\f][ \t\n\r\f]*+| [ \t\n\r\f]++")
_HUGE_NUMBER = re.compile(r"&#[0-9]{8,};?")


def visible_text(html: str) -> str:
    """Give the text that a person sees of a body, in the characters that detectors look for.

    Tags are gone: inline ones join what is around them (`41<b>11</b>` is 4111), all others end a line, and so do the cells of a table.
    Entities are resolved. Scripts, styles and comments are left out. After the text come, a line each, the alternative texts and titles, and the
    targets of mailto:, tel: and sms: links: personal data, although only a pointer or a screen reader shows them.

    Digits of any script, full-width letters, blanks and dashes become those of ASCII; zero-width characters and soft hyphens go.

    Args:
        html: A body or a subject, HTML or plain text. Line breaks of plain text stay; those in HTML are blanks, as in a browser.

    Returns:
        The text. Offsets in it are not offsets in `html`.
    """
    text = _Reader(html).text() if "<" in html else _resolved(html)
    if text.isascii():
        return text
    text = text.replace("\xa0", " ").replace("\xad", "")  # the usual ones, by the quickest way
    return text.translate(_TO_ASCII) if _BEYOND_LATIN.search(text) else text


class _Reader:
    """Goes through a body once. What was not found up to its end is not looked for again, so that the time stays linear."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.pieces: list[str | None] = []  # None: a line ends
        self.aside: list[str] = []
        self.missing: set[str] = set()

    def text(self) -> str:
        at, is_html = 0, False
        while markup := _MARKUP.search(self.html, at):
            start = markup.start()
            self.pieces.append(self.html[at:start])
            end = self._after(markup)
            if end is None:
                self.pieces.append("<")
            at, is_html = (start + 1, is_html) if end is None else (end, True)
        self.pieces.append(self.html[at:])
        text = "".join("\n" if piece is None else _resolved(piece, is_html) for piece in self.pieces)
        return "\n".join([text, *self.aside])

    def _after(self, markup: re.Match[str]) -> int | None:
        """Where the text goes on; None: what looked like markup is text itself."""
        if simple := markup[2]:  # a whole tag without attributes, as most are
            return self._tag(simple.lower(), markup[1] == "", markup.end())
        name = markup[3]
        if name is None:
            # Two characters back: `<!-->` is a whole comment.
            return self._behind("-->", markup.end() - 2) if markup[0] == "<!--" else self._behind(">", markup.end())
        if not _ELEMENT.fullmatch(name):
            return None
        end = self._end_of_tag(markup.end())
        if end is None:
            return None
        self._attributes(self.html[markup.end() : end - 1])
        return self._tag(name.lower(), markup[0][1] != "/", end)

    def _tag(self, name: str, opens: bool, end: int) -> int:
        if name in BLOCKS:
            self.pieces.append(None)
        return self._end_of_unseen(name, end) if opens and name in UNSEEN else end

    def _behind(self, mark: str, at: int) -> int | None:
        if mark in self.missing or (found := self.html.find(mark, at)) < 0:
            self.missing.add(mark)
            return None
        return found + len(mark)

    def _end_of_tag(self, at: int) -> int | None:
        """Behind the first > that is not within the quotes of a value; behind the first at all, where quotes do not end."""
        end = self._behind(">", at)
        if end is None or "=" not in self.html[at:end] or "quotes" in self.missing:
            return end
        if whole := _END_OF_TAG.match(self.html, at):
            return whole.end()
        self.missing.add("quotes")
        return end

    def _end_of_unseen(self, name: str, at: int) -> int:
        closing = None if name in self.missing else re.compile(f"</{name}", re.IGNORECASE).search(self.html, at)
        if closing is None:
            self.missing.add(name)
            return at
        return closing.start()

    def _attributes(self, text: str) -> None:
        if "=" not in text:
            return
        for found in _ATTRIBUTE.finditer(text):
            value = _resolved(found[2] or found[3] or found[4] or "", True).strip()
            if found[1].lower() == "href":
                scheme = next((link for link in LINKS if value[:7].lower().startswith(link)), None)
                value = unquote(value[len(scheme) :]) if scheme else ""
            if value:
                self.aside.append(value)


def _resolved(text: str, is_html: bool = False) -> str:
    if "&" in text:
        try:
            text = entities.unescape(text)
        except ValueError:  # Python refuses to make an integer of thousands of digits
            text = entities.unescape(_HUGE_NUMBER.sub(" ", text))
    return _SPACES.sub(" ", text) if is_html else text


_BEYOND_LATIN = re.compile("[\u0250-\U0010ffff]")
_UNSEEN_MARKS = {0x034F, 0x20E3, *range(0xFE00, 0xFE10)}


class _ToAscii(dict[int, int | None]):
    """What becomes of a character, found out when it is first met: there are over a million."""

    def __missing__(self, code: int) -> int | None:
        self[code] = new = _ascii(code)
        return new


def _ascii(code: int) -> int | None:
    char = chr(code)
    kind = unicodedata.category(char)
    if kind == "Nd":
        return ord("0") + unicodedata.decimal(char)
    if kind == "Cf" or code in _UNSEEN_MARKS:
        return None
    if kind == "Zs":
        return ord(" ")
    if kind in {"Zl", "Zp"}:
        return ord("\n")
    if kind == "Pd" or code == 0x2212:
        return ord("-")
    return code - 0xFEE0 if 0xFF01 <= code <= 0xFF5E else code


_TO_ASCII = _ToAscii()
