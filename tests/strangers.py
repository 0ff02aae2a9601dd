"""Names that a person, a folder or a checkpoint may give, and what would be wrong to see of them."""

from __future__ import annotations

import html
import re

NAMES = (
    "a<br>b",
    "<b>x</b>",
    "$x^2$",
    "a_b_c",
    "[x](https://example.org)",
    "w" * 200,
    "长" * 100,
    "شاحنة",
    "%{x} 100 %",
    "`code` **bold**",
    "a\nb\x1b[1m",
    "\u202egnp.txt",
    ":material/home: :smile: :red[red]",
    "- one -> two",
    "1. www.example.org me@example.org",
    "x&gt;y",
)
JOINER = "\u2060"
ISOLATES = "\u2068\u2069"


def whole(name: str) -> str:
    """What is to be read: what cannot be seen as Python writes it, all else as it is."""
    return name.replace("\n", "\\n").replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")


def from_plotly(text: str) -> str:
    """What Plotly draws of a text: its tags are taken away, entities read."""
    return html.unescape(re.sub(r"<[^<>]*>", "", text)).translate(dict.fromkeys(map(ord, ISOLATES)))


def from_markdown(text: str) -> str:
    """What Streamlit shows of a line of Markdown of ours: without ** around names and without backslashes."""
    bare = re.sub(r"(?<!\\)\*\*", "", text)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare).translate(dict.fromkeys(map(ord, JOINER + ISOLATES)))


def shows(text: str, name: str) -> bool:
    """Whether a text, as it is read, has the name in it: as written, or both its ends around "…"."""
    written = whole(name)
    if written in text:
        return True
    return any(a in written and b in written for a, b in re.findall(r"([^…]{1,4})…([^…]{1,4})", text))
