"""What the project's own runs, three of each network, answered to the document's claims: a file, measured.json.

The Compare page says it below what the chosen runs answer, which may be too few. Written by
`python -m benchmarks.rivals --write`, again when presets or claims change; one entry for each data set and preset.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cnngru.comparison.claims import Answer, Claim, Finding

FILE = Path(__file__).with_name("measured.json")


@dataclass(frozen=True)
class Settled:
    """A finding of the project's own runs."""

    answer: Answer
    why: str


def of(claim: Claim) -> Iterator[Settled]:
    """What was measured on the claim, by data set and preset."""
    for entry in _read().values():
        for finding in entry["findings"]:
            if finding["claim"] == claim.text:
                yield Settled(finding["answer"], finding["why"])


def machines() -> list[str]:
    """Where it was measured: "Intel Xeon, 2 cores, 24 GiB, torch 2.14.1, 2026-11-25", each once."""
    return list(dict.fromkeys(entry["machine"] for entry in _read().values()))


def write(name: str, machine: str, findings: Sequence[Finding]) -> None:
    """Puts the findings that answer something into the file, in the place of all that it had under that name."""
    made = [
        {"claim": found.claim.text, "answer": found.answer, "why": f"{found.on}. {found.why}"}
        for found in findings
        if found.on
    ]
    entries = dict(sorted({**_read(), name: {"machine": machine, "findings": made}}.items()))
    FILE.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _read.cache_clear()


@cache
def _read() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
