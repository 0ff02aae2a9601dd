"""What a run is doing, in a sentence: what was kept if it ended early, and what to do next. No streamlit."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from cnngru import escaping
from cnngru.runs.store import Run
from cnngru.ui.wording import NUMBERS, duration


class Sentence(NamedTuple):
    """One state in words. `tone` picks the box that it stands in."""

    text: str
    tone: Literal["info", "success", "warning", "error"]


def _kept(run: Run) -> str:
    if run.has_model:
        return "Its curves and the weights saved last are kept: you can use them under Predict and Gates."
    if run.last("progress"):
        return "Its curve up to here is kept. It ended before any weights were saved."
    return "It ended before it had learnt anything."


def _goes_on(run: Run) -> str:
    step = run.kept_step
    return f"Resume goes on from step {step:,}." if step is not None else "Resume begins anew with the same settings."


def state(run: Run) -> Sentence:
    """What the run is doing, what was kept if it ended early, and what to do next."""
    progress = run.last("progress")
    match run.status:
        case _ if run.waits_for:
            return Sentence(
                f"The run waits: its folder cannot be written ({escaping.message(run.waits_for)}). What it has is "
                "kept, and it goes on by itself when there is room on the disk.",
                "error",
            )
        case "queued":
            return Sentence("Waiting for its turn. It starts by itself.", "info")
        case "running" if testing := run.last("testing"):
            return Sentence(_testing(testing), "info")
        case "running" if progress:
            asked = run.now.training
            until = f", for {duration(asked.seconds)} at most" if asked.seconds else f" of {asked.epochs}"
            return Sentence(f"Training: epoch {progress['epoch']:.1f}{until}.", "info")
        case "running":
            return Sentence("Getting ready: loading the pictures and building the network.", "info")
        case "paused":
            where = f"at step {run.step:,}" if run.step else "before the first step"
            place = "" if run.alive else " Other runs have its place."
            return Sentence(f"Paused {where}.{place} Nothing is lost when the computer is switched off.", "info")
        case "stopping":
            return Sentence("Stopping at the next step. What has been learnt so far is kept.", "info")
        case "finished":
            return _finished(run)
        case "stopped":
            step = (run.last("stopped") or {}).get("step") or 0
            where = f" at step {step:,}" if step else " before the first step"
            return Sentence(f"Stopped{where}. {_kept(run)} {_goes_on(run)}", "warning")
        case "failed":
            reason = str((run.last("failed") or {}).get("reason") or "The reason was not written down.").strip()
            return Sentence(f"{escaping.message(reason)} {_kept(run)}", "error")
        case _:
            why = escaping.message(run.remark) or (
                "The training process ended without a word. The machine may have been switched off, or memory may have "
                "run out."
            )
            return Sentence(f"Interrupted. {why} {_kept(run)} {_goes_on(run)}", "error")


def waiting(before: int, seconds: float | None) -> str:
    """Of a run in the queue: "Waiting for its turn: 2 before it, about 3 min. It starts by itself."

    before      runs that come first, those that train now among them; seconds: until its turn, None for nobody knows
    """
    if not before:
        return "It starts in a moment."
    long = "" if seconds is None else f", about {duration(_rounded(seconds))}"
    return f"Waiting for its turn: {before} before it{long}. It starts by itself."


def _rounded(seconds: float) -> float:
    """To ten seconds, from two minutes on to whole ones: it is an estimate."""
    step = 10 if seconds < 120 else 60
    return max(step, round(seconds / step) * step)


def _testing(at: dict[str, Any]) -> str:
    """What is done after the last step, in words: "Testing on 10,000 pictures, in three orders of their rows"."""
    orders = at.get("orders") or 1
    ways = f", in {NUMBERS[orders] if orders < len(NUMBERS) else orders} orders of their rows" if orders > 1 else ""
    return f"Testing on {at['total']:,} pictures{ways}."


ENDED_BY = {
    "seconds": ", when its time was up",
    "accuracy": ", when it was as accurate as was asked for",
    "patience": ", when it got no better",
}


def _finished(run: Run) -> Sentence:
    end = run.last("finished") or {}
    took = f" in {duration(end['seconds'])}" if end.get("seconds") is not None else ""
    why = ENDED_BY.get(str(end.get("ended_by")), "")
    return Sentence(
        f"Finished{took}{why}. Next: try it on pictures under Predict, or look inside under Gates.", "success"
    )
