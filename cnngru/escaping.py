"""Names that a person, a folder or a checkpoint gave, as text that is shown as it was written, whatever is in it.

A class may be called <b>x</b>, $x^2$, a_b_c, [x](y) or have 200 letters, in any script. Each place reads text in its
own way: `plotly` is for figures, `markdown` for captions, labels and all else that Streamlit draws as Markdown, `plain`
for what is drawn letter by letter (tables, lists of options, Altair). Snippets use repr. Pure; knows nothing of where a
name came from, nor of the project's own words (`names`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

LETTERS = 40  # of a name in a sentence, at most
TICK = 14  # of one beside an axis or on a picture
LINE = 24  # of one that has a line for itself: a heading, a legend, an option
CUT = "…"
# They turn the rest of a line around, or cannot be seen and tell two names apart
_UNSEEN = re.compile("[\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_MARKDOWN = frozenset(r"\`*_{}[]()<>#+!|$:~&")
_JOIN = "\u2060"  # a word joiner: no width, no break
# What Streamlit's page replaces in text after Markdown was read, where a backslash does not help any more
_EMOJI = re.compile(r":(?=(?:material/)?[\w+-]+:)")
_ARROWS = re.compile(r"(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)")
_ADDRESS = re.compile(r"(?<=http)(?=://)|(?<=https)(?=://)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)


def plain(name: str, letters: int | None = LETTERS) -> str:
    """For places that draw letter by letter: what cannot be seen is written out, a long name has its middle left out.

    letters    at most, wide ones (Chinese, emoji) count as two; None for all
    """
    seen = "".join(_seen(c) for c in name)
    return seen if letters is None else shorten(seen, letters)


def plotly(name: str, letters: int | None = LETTERS) -> str:
    """For Plotly, which reads some HTML, $…$ as LaTeX where MathJax is there, and %{…} in templates."""
    text = plain(name, letters).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _apart(text.replace("$", "&#36;").replace("%{", "%&#123;"))


def markdown(name: str, letters: int | None = LETTERS) -> str:
    """For Streamlit's Markdown, inside a line of it or as one: no markup, no emoji, no link."""
    text = _ADDRESS.sub(_JOIN, _ARROWS.sub(lambda found: found[0][0] + _JOIN + found[0][1:], plain(name, letters)))
    edges = _JOIN if text != text.strip() else ""  # **bold** may not begin with a space
    return _apart(f"{edges}{_line(text)}{edges}")


def message(text: str) -> str:
    """For Streamlit's Markdown: sentences that may have names and paths in them, whole. Their lines stay lines."""
    return "  \n".join(_line(plain(line, None)) for line in text.split("\n"))


def shorten(text: str, letters: int) -> str:
    """The text, or both its ends with "…" between them: "wwwww…wwwww"."""
    if sum(map(_width, text)) <= letters:
        return text
    head, tail = _first(text, letters // 2), _first(text[::-1], letters - 1 - letters // 2)[::-1]
    while tail and not _width(tail[0]):  # an accent without its letter
        tail = tail[1:]
    return f"{head}{CUT}{tail}"


def distinct(names: Sequence[str], letters: int = LINE) -> dict[str, str]:
    """Each name -> what it is called in a list of options, where no two may be called the same: a number tells them."""
    return numbered({name: plain(name, letters) for name in names})


def numbered(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels, with a number behind each that is said already: "cats", "cats (2)"."""
    found: dict[str, str] = {}
    said: set[str] = set()
    counts: dict[str, int] = {}  # of a thousand that are alike, the last one is not asked a thousand times
    for name, first in labels.items():
        label, count = first, counts.get(first, 1)
        while label in said:
            count += 1
            label = f"{first} ({count})"
        counts[first] = count
        said.add(label)
        found[name] = label
    return found


def _seen(c: str) -> str:
    """Control characters, lone surrogates (bytes that are no text), line separators and the like as in Python."""
    hidden = unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or _UNSEEN.match(c)
    return ascii(c)[1:-1] if hidden else c


def _line(text: str) -> str:
    """One line of Markdown that shows `text`."""
    safe = "".join(f"\\{c}" if c in _MARKDOWN else c for c in _EMOJI.sub(f":{_JOIN}", text))
    return re.sub(r"^(\s*)(?=[-=])|^(\s*\d+)(?=\.)", r"\1\2\\", safe)  # no list, no heading


def _apart(text: str) -> str:
    """A name in a script from right to left, set apart: it would else turn around the figures beside it."""
    turned = any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
    return f"\u2068{text}\u2069" if turned else text


def _width(c: str) -> int:
    if unicodedata.category(c) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def _first(text: str, letters: int) -> str:
    """As much from the start as is no wider."""
    width = 0
    for place, c in enumerate(text):
        width += _width(c)
        if width > letters:
            return text[:place]
    return text
