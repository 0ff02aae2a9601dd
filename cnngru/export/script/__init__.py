"""A run as one file of plain PyTorch: its network and its recipe, to read, to change and to train without this project.

template.txt is the script, with marks on what not every run has; this fills it in. What this project does itself in one
clear function (a schedule, Muon, how pictures are varied) is taken from its source, so it cannot come to differ.

    CODE  #: if gru               the line is there with a GRU alone; two words: both; a|b: one of them; not-a
    #: begin gru … #: end         so are these lines
    {{hidden}}                    a value of the run
    {{source module:function}}    that function's source
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import textwrap
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cnngru.config import Config
from cnngru.export.script import values

_MARK = re.compile(r"(?P<code>.*?)\s*#: (?P<what>if|begin|end)\b ?(?P<when>[\w|\- ]*)")
_FIELD = re.compile(r"\{\{(\w+)\}\}")
_SOURCE = re.compile(r"\{\{source (\S+)\}\}")
_TYPE_IGNORE = re.compile(r"  # type: ignore\[.*?\]")
_PRIVATE = re.compile(r"(?<![\w.])_([a-z]\w+)\(")  # a function that is the project's own affair is the script's


def script(config: Config, name: str, title: str = "", finished: Mapping[str, Any] | None = None) -> str:
    """The script's text.

    name        of the run, after which the file is called
    title       what a person calls the run
    finished    the last event of its log: what it reached is told
    Raises ExportError for a run on a person's own pictures, which the script could not load.
    """
    fields = values.fields(config, name, title, finished or {})
    template = (Path(__file__).parent / "template.txt").read_text(encoding="utf-8")
    text = _SOURCE.sub(lambda found: _source(found[1]), _chosen(template, values.flags(config)))
    return _FIELD.sub(lambda found: fields[found[1]], text)


def _chosen(template: str, flags: Collection[str]) -> str:
    """The lines that such a run has, without their marks."""
    kept: list[str] = []
    within = [True]
    for line in template.splitlines():
        mark = _MARK.fullmatch(line)
        if mark is None:
            kept += [line] if all(within) else []
        elif mark["what"] == "begin":
            within.append(_holds(mark["when"], flags))
        elif mark["what"] == "end":
            within.pop()
        elif all(within) and _holds(mark["when"], flags):
            kept.append(mark["code"])
    return "\n".join(kept) + "\n"


def _holds(condition: str, flags: Collection[str]) -> bool:
    """Whether all words of "a|b not-c" hold."""
    return all(
        any((one[4:] not in flags) if one.startswith("not-") else one in flags for one in word.split("|"))
        for word in condition.split()
    )


def _source(named: str) -> str:
    """A function's or a class's source, as a script would have it."""
    text = textwrap.dedent(inspect.getsource(pkgutil.resolve_name(named))).rstrip()
    return _PRIVATE.sub(r"\1(", _TYPE_IGNORE.sub("", text))
