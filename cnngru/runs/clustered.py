"""Whether a run that a cluster has is worked on: what the cluster says of its job, and what counts while it is silent.

A lock in the run's folder does not say it: one that another computer holds, on a folder that they share, is not to be
trusted.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnngru.runs import cluster, engine_note, log
from cnngru.runs.engine_note import Note
from cnngru.runs.ray_client import Job

UNREACHABLE = 120.0  # seconds without a word of a run or its cluster after which it counts as interrupted
PENDING = 600  # seconds that a job may wait for room in its cluster: $CNNGRU_RAY_PENDING


@dataclass(frozen=True)
class Standing:
    """Whether a run has a worker, or waits for one; why: what there is to say about that, for a person."""

    alive: bool
    why: str = ""


def standing(folder: Path, note: Note) -> Standing:
    """What the cluster says of a run that is noted as its own. Takes some seconds at most."""
    if note.over is not None:
        return Standing(False, note.over)
    if os.environ.get(engine_note.JOB) == note.job:  # this process is its worker
        return Standing(True)
    if note.submitted is None:
        problem = cluster.current().seen().problem or cluster.current().trouble
        return Standing(True, problem and f"{problem} The run waits, and is handed over once that has passed.")
    noted, view = time.monotonic(), cluster.current().look()
    if not view.problem and note.job not in view.jobs and view.asked < noted:
        view = cluster.current().look(noted)  # it may have been handed over since
    job, problem = view.jobs.get(note.job), view.problem
    if job is None and not problem and note.address != cluster.address():
        problem = f"The run is with the cluster at {note.address}; asked was the one at {cluster.address()}."
    if problem:
        return _unheard(folder, problem, view.reached)
    if job is None:
        return Standing(False, "The cluster does not know it any more: it was started anew, or its head was lost.")
    if job.over:
        return Standing(False, _ending(job))
    if job.status == "PENDING" and time.time() - note.submitted > pending():
        return Standing(False, f"The cluster had no room for it within {pending()} seconds, so it was given up.")
    return Standing(True)


def _unheard(folder: Path, problem: str, reached: float) -> Standing:
    """Of a silent cluster: its run counts as at work while the log grows, and a while after the cluster's last word."""
    quiet = time.monotonic() - reached
    with suppress(OSError):
        quiet = min(quiet, time.time() - (folder / log.FILE).stat().st_mtime)
    if quiet < UNREACHABLE:
        return Standing(True, f"{problem} The run counts as at work: it was heard of less than two minutes ago.")
    return Standing(False, f"{problem} Nothing was heard of the run for two minutes, so it counts as interrupted.")


def _ending(job: Job) -> str:
    said = "" if job.status == "SUCCEEDED" else job.message.strip()
    if not said:  # its log says it: finished, stopped, or paused
        return ""
    if "actor died" in said or "node" in said.lower():
        return "The computer that worked on it left the cluster, or was switched off."
    if "exit code" in said:
        return (
            "Its worker ended without a word: worker.log may say why. Every computer of the cluster must have the "
            "folder of runs, and this program, at the same path."
        )
    return f"Its job in the cluster is over ({job.status.lower()}): {said[:200]}"


def pending() -> int:
    """How long a job may wait for room, in seconds; what is no number counts as PENDING."""
    text = os.environ.get("CNNGRU_RAY_PENDING") or str(PENDING)
    return int(text) if text.isdecimal() and len(text) < 9 else PENDING
