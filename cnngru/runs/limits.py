"""How much visitors may have of the computer: runs at once, minutes, disk. Answers are sentences, None where it fits.

Looks at the runs' folders each time: nothing is counted in memory, so a server that starts anew knows no less.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cnngru.config import Config
from cnngru.runs import owners
from cnngru.runs.store import Run
from cnngru.server_settings import Settings

NAMED = 3  # runs that are named as worth deleting
GB = 1_000_000_000


def capped(config: Config, settings: Settings) -> Config:
    """The config, with no more seconds of training than a visitor's run may take."""
    most = 60.0 * settings.minutes_a_run
    asked = config.training.seconds
    if not most or 0 < asked <= most:
        return config
    return replace(config, training=replace(config.training, seconds=most))


def too_large(config: Config, settings: Settings) -> str | None:
    """Why a run asks for more than one of a visitor's may; in words for beside the form."""
    most = settings.most_pictures
    if settings.largest_batch and config.training.batch > settings.largest_batch:
        return f"A batch may have {settings.largest_batch:,} pictures here."
    if most and config.data.name == "rowcue" and config.data.pictures > most:
        return f"A run may be trained on {most:,} pictures here."
    return None


def too_many(owner: str, runs: Sequence[Run], settings: Settings) -> str | None:
    """Why a visitor cannot have one more run at work.

    owner   who that is, as `owners.read` gives it
    runs    all there are
    """
    at_work = [of for run in runs if run.live and (of := owners.read(run.folder))]  # a host's have no owner
    most, own = settings.runs_a_person, at_work.count(owner)
    if most and own >= most:
        have = f"{own} runs of yours are" if own > 1 else "A run of yours is"
        return f"{have} at work or waiting, and {most} at once may be here. Stop one, or wait until one is over."
    if settings.runs_in_all and len(at_work) >= settings.runs_in_all:
        runs_are = f"{len(at_work)} runs are" if len(at_work) > 1 else "A run is"
        return f"{runs_are} at work or waiting, as many as may be here. Wait until one is over."
    return None


def no_room(owner: str, runs: Sequence[Run], root: Path, settings: Settings) -> str | None:
    """Why there is no room on the disk for one more run, with the largest of the visitor's own, to be deleted.

    owner, runs     as for `too_many`; runs without "" are a visitor's
    root            the folder of all runs
    """
    if not settings.runs_gb or (taken := size(root)) < settings.runs_gb * GB:
        return None
    own = [(size(run.folder), run.called) for run in runs if owner and owners.read(run.folder) == owner]
    largest = ", ".join(f"{called} ({space / 1e6:,.0f} MB)" for space, called in sorted(own, reverse=True)[:NAMED])
    ask = f"Delete some of yours, such as {largest}" if own else "None of them are yours: ask whoever runs the app"
    return (
        f"All runs together take {taken / GB:,.1f} GB, and {settings.runs_gb:g} GB is what they may take here. {ask}. "
        "The room of a deleted one is free after ten minutes."
    )


def size(folder: Path) -> int:
    """Bytes of all files in a folder, links not followed; what vanishes meanwhile is not counted."""
    total = 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total
