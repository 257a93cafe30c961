"""HTML of a mail made safe to keep and to show, and as plain text."""

import html
import re
from typing import Final

from app.exchange.mail.limits import MAX_HTML

# No picture, frame, form or script: nothing that a reader would have to fetch.
_TAGS: Final = frozenset({
    "a", "abbr", "address", "b", "big", "blockquote", "br", "caption", "center", "code",
    "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "tt", "u", "ul",
})  # fmt: skip
_WITH_CONTENT: Final = frozenset({
    "script", "style", "title", "template", "noscript", "object", "applet", "svg", "math",
    "iframe", "frameset", "select", "textarea", "noembed", "noframes", "xmp",
})  # fmt: skip
_ATTRIBUTES: Final = {
    "*": {"style", "align", "dir", "lang"},
    "a": {"href", "title"},
    "font": {"color", "size", "face"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "valign", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "valign", "bgcolor"},
    "tr": {"valign", "bgcolor"},
    "ol": {"start", "type"},
}
# Properties whose values cannot name a file.
_STYLES: Final = frozenset({
    "color", "background-color", "font-weight", "font-style", "font-size", "text-align",
    "text-decoration",
})  # fmt: skip
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_ANY_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_EMPTY: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
})  # fmt: skip
_MAX_NESTING: Final = 5_000  # the time for a document grows with the square of it
# One text between tags, and what its characters written as "&…;" may cost: the parser copies the
# text for each of them. 20 thousand million bytes take a second.
_TEXT: Final = re.compile(r"[^<]+(?:<(?![a-zA-Z/!?])[^<]*)*")
_MAX_COPIED: Final = 20_000_000_000
_MARKUP: Final = re.compile(r"<[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>")  # as nh3 writes it
_SIMPLE_MARKUP: Final = re.compile(r"<[^<>]*>")
_BREAKS: Final = re.compile(
    r"<br[^<>]*>|</(?:p|div|tr|h[1-6]|table|ul|ol|dl|dd|dt|blockquote|pre|address|caption)>|<hr[^<>]*>",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r"<li[^<>]*>", re.IGNORECASE)
_CELL: Final = re.compile(r"</t[dh]>\s*(?=<t[dh])", re.IGNORECASE)
_PRE: Final = re.compile(r"<pre[^<>]*>(.*?)</pre>", re.DOTALL | re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_HIDDEN: Final = re.compile(
    r"<(script|style|title)\b[^>]{0,1000}>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)


def safe_html(source: str) -> str:
    """Return a body without scripts and without anything to fetch; empty if too tangled."""
    import nh3

    if is_tangled(source):
        return ""
    return nh3.clean(
        source,
        tags=set(_TAGS),
        clean_content_tags=set(_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        filter_style_properties=set(_STYLES),
        url_relative="deny",
    ).strip()


def is_tangled(source: str) -> bool:
    """Say whether a body is too long, or made so that reading it would take minutes."""
    if len(source) > MAX_HTML:
        return True
    copied = sum(run[0].count("&") * len(run[0]) for run in _TEXT.finditer(source))
    return copied > _MAX_COPIED or _nesting(source) > _MAX_NESTING


def _nesting(source: str) -> int:
    """Return how many tags are open at most, as far as that can be counted without parsing."""
    deepest = count = 0
    open_tags: dict[str, int] = {}
    for found in _ANY_TAG.finditer(source):
        name = found[2].casefold()
        if not found[1]:
            if name not in _EMPTY:
                open_tags[name] = open_tags.get(name, 0) + 1
                count += 1
                deepest = max(deepest, count)
        elif open_tags.get(name):
            open_tags[name] -= 1
            count -= 1
    return deepest


def html_text(source: str) -> str:
    """Return the text of a body, its lines where a reader would see them."""
    safe = safe_html(source)
    if not safe:
        bare = _SIMPLE_MARKUP.sub(" ", _HIDDEN.sub(" ", source[:MAX_HTML]))
        return tidy_text(html.unescape(_BLANKS.sub(" ", bare)).replace("\xa0", " "))
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[1])
        return f"<br>\x00{len(kept) - 1}\x00<br>"

    text = _BLANKS.sub(" ", _PRE.sub(keep, safe))
    text = _ITEM.sub("\n- ", _CELL.sub("  ", _BREAKS.sub("\n", text)))
    text = re.sub("\x00(\\d+)\x00", lambda found: kept[int(found[1])], text)
    return tidy_text(html.unescape(_MARKUP.sub("", text)).replace("\xa0", " "))


def plain_text(text: str) -> str:
    """Return a text as it was written, with plain line ends and no empty lines around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def tidy_text(text: str) -> str:
    """Return a text with plain line ends, without blanks before them and piles of empty lines."""
    lines = (line.rstrip() for line in plain_text(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def text_as_html(text: str) -> str:
    """Return plain text as the HTML that shows it."""
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>"
