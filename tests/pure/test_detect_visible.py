"""The text that a person sees of a body: what joins, what parts, what is left out, and that no HTML is too broken or
too big.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from time import process_time
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom.detect import CardNumbers, EmailAddresses, Ibans, stored_text, texts_in, visible_text, where_found
from aiointercom.detect.encodings import embedded_texts
from aiointercom.detect.visible import BLOCKS, _closing_sign  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("Hello", "Hello"),
        ("41<b>11</b> 1<i>1</i>11", "4111 1111"),
        ('41<span style="color:red">11</span>', "4111"),
        ("41<x-mark>11</x-mark>", "4111"),
        ("ada<wbr>@example.com", "ada@example.com"),
        ("41<br>11<br/>22", "41\n11\n22"),
        ("<p>41</p><p>11</p>", "\n41\n\n11\n"),
        ("<td>41</td><td>11</td>", "\n41\n\n11\n"),
        ("<li>41<li>11", "\n41\n11"),
        ("41<img src=x>11", "41\n11"),
        ("41<BR>11<Div>22", "41\n11\n22"),
        ("4111&nbsp;1111 &#52;&#x35;&amp;&lt;", "4111 1111 45&<"),
        ("&#52&#53 &nosuch; &", "45 &nosuch; &"),
        ("a &am<b>p; b</b>", "a &amp; b"),
    ],
)
def test_what_joins_and_what_parts(html: str, text: str) -> None:
    """Inline tags join what is around them, all others end a line, and entities are what they stand for."""
    assert visible_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a\n  b\tc", "a\n  b\tc"),
        ("<b>a</b>\n  b\tc", "a b c"),
        ("<b>a</b>&nbsp;&nbsp;b", "a  b"),
        ("a < b\n1", "a < b\n1"),
        ("a<!-- x -->\nb", "a b"),
    ],
)
def test_line_breaks(html: str, text: str) -> None:
    """Plain text keeps its lines; in HTML a line break is a blank, as in a browser."""
    assert visible_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<!-- 4111 -->b", "ab"),
        ("a<!-->b", "ab"),
        ("a<!---->b<!--x--->c", "abc"),
        ("<!doctype html>a<?xml x?>b<![CDATA[x]]>c", "abc"),
        ("a<script>if (1<2) '</p>'</script>b", "a\n\nb"),
        ("a<STYLE>x</style >b", "a\n\nb"),
        ("a<template>x</template>b", "a\n\nb"),
        ('a<b data-x="4111" href="https://x.example/4111">b</b>', "ab"),
    ],
)
def test_what_is_left_out(html: str, text: str) -> None:
    """Comments, declarations, scripts, styles and most attributes are not seen."""
    assert visible_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="mailto:ada%40example.com?cc=b@example.com">x</a>y', "ada@example.com?cc=b@example.com"),
        ("<a HREF='TEL:+49 30 1'>x</a>", "+49 30 1"),
        ("<a href=sms:+4930>x</a>", "+4930"),
        ("<a href = ' mailto:a&#64;b.de '>x</a>", "a@b.de"),
        ('<a href="https://x.example" title="Call\n Ada">x</a>', "https://x.example\nCall Ada"),
        ('4<img alt="5">6<b title>7</b><b title="">8</b>', "5"),
        ('<b data-x="5">x</b><p ada@example.com>', "5\nada@example.com"),
        ("a<!-- 4111 --><!--[if x]><p>b<![endif]-->", " 4111 \n[if x]><p>b<![endif]\n[if x]>"),
        ("<template><b>41</b>11</template>", "<b>41</b>11\n4111"),
        ("<script>'x'</script><style>y</style>", "'x'\ny"),
        ("<input type=hidden value=5><input placeholder=6>", "hidden\n5\n6"),
        ('<img src="cid:a@b.de"><img src="data:image/png;base64,iVBORw0KGgoA">', ""),
        ("ada@example.com", ""),
    ],
)
def test_what_is_stored_besides(html: str, text: str) -> None:
    """Comments, templates, scripts and attributes are stored though nobody sees them; pictures are no text."""
    lines = stored_text(html).splitlines()
    assert [line for line in text.splitlines() if line not in lines] == []
    assert text or not lines


@pytest.mark.parametrize(
    ("html", "where"),
    [
        ("ada@example.com<sup>1</sup>", "shown"),
        ("<i>_ada@example.com_</i>", "shown"),
        ("ada%40example.com ada&amp;#64;example.com", "shown"),
        ("https://x.example/?u=ada%2540example.com", "shown"),
        ("ada@exam=\nple.com", "shown"),
        ("a\u200bda@exam\u2060ple.com", "shown"),
        ("ada\ufe6bexample.com", "shown"),
        ('<input type="text" value="ada@example.com">', "shown"),
        ("<!-- a --!> ada@example.com <!-- b -->", "shown"),
        ("<!--> ada@example.com <!-- -->", "shown"),
        ("<!---> ada@example.com <!-- -->", "shown"),
        ("<!-- ada@example.com -->", "stored"),
        ("<!-- <p>ada<b>@</b>example.com -->", "stored"),
        ("<template>ada@example.com</template>", "stored"),
        ("<script>x = 'ada\\u0040example.com'</script>", "stored"),
        ('<a href="mailto:ada@example.com">x</a>', "stored"),
        ('<a href="https://x.example/?u=ada%40example.com">x</a>', "stored"),
        ('<img src="/p.png?u=ada@example.com" alt="x">', "stored"),
        ("<p data-user='ada@example.com'>x</p>", "stored"),
        ("<input placeholder='ada@example.com'>", "stored"),
        ("<input type=hidden value='ada@example.com'>", "stored"),
        ("<iframe srcdoc='&lt;p&gt;ada&lt;b&gt;@example.com'></iframe>", "stored"),
        ("<b title='ada@example.com'>ada@example.com</b>", "shown"),
        ("<b title='ada'>@example</b>", None),
    ],
)
def test_where_it_was_found(html: str, where: str | None) -> None:
    """What is found is said to be shown, or only stored."""
    assert where_found(html, [EmailAddresses()]).get("email") == where


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Ada <ada@example.com>", "Ada <ada@example.com>"),
        ("<b>Ada</b> <ada@example.com>", "Ada <ada@example.com>"),
        (
            "<mailto:ada@example.com> <tel:+4930> <https://x.example>",
            "<mailto:ada@example.com> <tel:+4930> <https://x.example>",
        ),
        ("<4111>", "<4111>"),
        ("a <b c", "a <b c"),
        ("a<p", "a<p"),
        ("a<!-- b", "a<!-- b"),
        ("a<!b", "a<!b"),
        ("a<script>4111", "a\n4111"),
        ('<b title="x>4111</b>', "4111"),
        ("<b title='it's>4111</b>", "4111"),
        ("<b it's>4111 isn't</b>", "4111 isn't"),
        ('<b title=">">4111</b>', "4111"),
        ("<b title=x>4111</b>", "4111"),
        ("<b title=a=>b", "b"),
        ("</>4111</ p>", "</>4111</ p>"),
        ("<b<i>4111", "4111"),
        ("&#" + "9" * 5000 + "; 4111 &#x" + "f" * 5000 + ";", "  4111 \ufffd"),
    ],
)
def test_broken_html_hides_nothing(html: str, text: str) -> None:
    """What is no tag is text, and what never ends does not hide what comes after it."""
    assert visible_text(html) == text


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [
        ("\uff14\uff11\uff20\uff41", "41@a"),
        ("\u0664\u0661 \u096a \U0001d7d2", "41 4 4"),
        ("4\u200b1\u00ad1\u20601\ufeff", "4111"),
        ("4\ufe0f\u20e31\u034f", "41"),
        ("4\u00a01\u202f1\u30001\u2007", "4 1 1 1 "),
        ("4\u20111\u20131\u22121", "4-1-1-1"),
        ("a\u2028b\u2029", "a\nb\n"),
        ("Grüße, 東京 \u00b2", "Grüße, 東京 \u00b2"),
    ],
)
def test_characters(text: str, ascii_text: str) -> None:
    """Digits, full-width letters, blanks and dashes become those of ASCII, marks without width go, and letters stay."""
    assert visible_text(text) == ascii_text


class Reference(HTMLParser):
    """The standard library's reading, which is right on HTML that is not broken."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.text += "\n" if tag in BLOCKS else ""

    def handle_endtag(self, tag: str) -> None:
        self.text += "\n" if tag in BLOCKS else ""

    def handle_data(self, data: str) -> None:
        self.text += re.sub(" +", " ", data)


WORDS = st.sampled_from(["4111", " ", "a", "&amp;", "&nbsp;", "&#52;", "ü", "@", "=", "'", ">", "&lt;b&gt;"])
TREES = st.recursive(
    WORDS,
    lambda inner: st.builds(
        lambda tag, attribute, children: f"<{tag}{attribute}>{''.join(children)}</{tag}>",
        st.sampled_from(["p", "b", "div", "span", "td", "li", "a", "h1", "o:p", "my-tag"]),
        st.sampled_from(["", ' class="x>y"', " id='a\"b'", " hidden", ' href="https://x.example/?a=b&amp;c"']),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(st.lists(TREES, min_size=1, max_size=4).map("".join))
def test_whole_html_reads_as_in_the_standard_library(html: str) -> None:
    """On HTML that is not broken, the reading is html.parser's."""
    parser = Reference()
    parser.feed(html + "<b></b>")
    parser.close()
    assert visible_text(html + "<b></b>") == parser.text.replace("\xa0", " ")


MARKUP = st.sampled_from(
    ["<", ">", "</", "<!--", "-->", "<!", "<?", "&", "&#", "&#x", ";", '"', "'", "=", "<a", "<b>", "</p>", "<script>", "</script", "href",
     "title", " ", "\n", "4", "a", "@", "\u200b", "\x00", "\ud800", "\U0001f600"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(MARKUP, max_size=60).map("".join)))
def test_any_text_is_read(html: str) -> None:
    """Whatever comes, there is no error, and what was read is as plain as it gets: reading its characters again changes
    nothing.
    """
    text = visible_text(html)
    assert "\u200b" not in text
    if "<" not in text and "&" not in text:
        assert visible_text(text) == text


NASTY = [
    "<a ", "</a ", "<!--", "<a ='", '<a =">" ', '="', "<![", "&#", "&am", "<script>", "<a>", "<a<a", "<a title='", '<a title="x" href="mailto:',
    "a@", "a@a.", "@", "a.", "1", "1 ", "1-", "4111 1111 1111 111 ", "4111 1111 1111 1111 ", "DE89 ", "DE89", "IBAN", "+", "\u0664", "\u200b",
    "03.11.2026 ", "<a x", "<!-- <!-- --> ", "<template>", "<a x=\"<b y='", "%40", "\\u0040", "&amp;#64;", "=\n", "_", "://", "<input value=1>",
]  # fmt: skip


@pytest.mark.parametrize("unit", NASTY)
def test_time_grows_with_the_length_only(unit: str) -> None:
    """A body of 100 kB that is made to be slow takes no longer than seconds: html.parser would take minutes for
    some.
    """
    body = unit * (100_000 // len(unit))
    begun = process_time()
    texts = texts_in(body)
    for detector in (CardNumbers(), Ibans(), EmailAddresses()):
        for text in (texts.shown, texts.stored):
            for _ in detector.find(text):
                pass
    assert process_time() - begun < 5


def calls_made(work: Callable[[], object]) -> int:
    """How many calls a piece of work takes. Between two of them other threads can run; within one of a built-in
    function they cannot.
    """
    made = 0

    def count(_frame: FrameType, event: str, _function: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize(
    ("work", "unit"),
    [
        (visible_text, "<"),
        (visible_text, "& "),
        (lambda text: visible_text(f"<p>{text}"), "a  "),
        (lambda text: visible_text(f"<p>{text}"), "  "),
        (lambda text: _closing_sign(f"{text}>", 0), "a=1 "),
        (lambda text: stored_text(f"<a href='mailto:{text}'>x</a>"), "%4"),
        (lambda text: embedded_texts(f"data:text/plain;base64,{text}"), "QUJD"),
        (embedded_texts, "QUJ%"),
        (embedded_texts, "\u0101a"),
    ],
)
def test_no_single_step_takes_a_whole_large_body(work: Callable[[str], object], unit: str) -> None:
    """A body of a megabyte is gone through in stretches: the longer the body, the more calls, so that the event loop
    gets its turns.
    """
    once, ten_times = (calls_made(lambda size=size: work(unit * (size // len(unit)))) for size in (100_000, 1_000_000))
    assert once >= 100_000 / 30_000
    assert ten_times > 5 * once
