"""What the project's own runs, three of each network, answered to the document's claims: a file, measured.json.

The Compare page says it below what the chosen runs answer, which may be too few. Written by
`python -m benchmarks.rivals --write`, again when presets or claims change; one entry for each data set and preset. It
holds numbers: shares of 1 for accuracies, seconds, numbers of weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

from cnngru.comparison.claims import Claim
from cnngru.comparison.findings import Finding, Side
from cnngru.comparison.groups import Network
from cnngru.comparison.statistics import Difference

FILE = Path(__file__).with_name("measured.json")


def of(claim: Claim) -> Iterator[Finding]:
    """What was measured on the claim, by data set and preset."""
    for entry in _read().values():
        for kept in entry["findings"]:
            if kept["claim"] == claim.id:
                yield _finding(claim, kept)


def machines() -> list[str]:
    """Where and when it was measured: "Intel Xeon, 2 cores, 24 GiB, torch 2.14.1, 2026-11-25", each once."""
    return list(dict.fromkeys(f"{entry['machine']}, {entry['date']}" for entry in _read().values()))


def write(name: str, machine: str, date: str, findings: Sequence[Finding]) -> None:
    """Puts the findings on runs into the file, in the place of all that it had under that name."""
    made = {"machine": machine, "date": date, "findings": [_values(found) for found in findings if found.data]}
    entries = dict(sorted({**_read(), name: made}.items()))
    FILE.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _read.cache_clear()


def _values(found: Finding) -> dict[str, Any]:
    """A finding as plain JSON values, without what is as in most."""
    told = {f.name for f in fields(Finding) if getattr(found, f.name) != f.default} - {"claim"}
    return {"claim": found.claim.id, **{name: value for name, value in asdict(found).items() if name in told}}


def _finding(claim: Claim, values: dict[str, Any]) -> Finding:
    sides = [Side(**{**side, "network": Network(**side["network"])}) for side in values["sides"]]
    difference = Difference(**values["difference"]) if "difference" in values else None
    machine = tuple(values["machine"]) if "machine" in values else None
    return Finding(**{**values, "claim": claim, "sides": tuple(sides), "difference": difference, "machine": machine})


@cache
def _read() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
