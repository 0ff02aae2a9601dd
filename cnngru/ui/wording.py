"""What the pages say in words and figures: durations, shares, and a run's state as plain sentences.

Pure text: plain values in, text out. Knows nothing of streamlit.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.units import format_unit

from cnngru import escaping, names
from cnngru.bands import bands
from cnngru.config import PICTURE, ModelConfig
from cnngru.runs.pace import pictures

if TYPE_CHECKING:
    from cnngru.runs.store import Run

LOCALE = "en"  # of numbers, durations and dates
ROWCUE = (
    "These are RowCue's pictures: noise, with several striped bands, of which only the topmost decides the class. So "
    "the network has to remember what it saw first, and its gates show how. Choose another run at the left to see "
    "photos."
)


class Sentence(NamedTuple):
    """One state in words. `tone` picks the box that it stands in."""

    text: str
    tone: Literal["info", "success", "warning", "error"]


def percent(share: float | None, digits: int = 1) -> str:
    """0.8816 -> "88.2 %"; None (a figure that could not be computed) -> "–"."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


LABEL = 36  # letters of a run's label, which a name is shortened for: the sidebar is so wide
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
GUESS = 0.1  # of the way from chance to certain: with ten classes below 19 %, with two below 55 %


def is_guess(share: float, classes: int) -> bool:
    """Whether an answer with this probability is hardly more than one drawn by lot."""
    chance = 1 / classes
    return share < chance + GUESS * (1 - chance)


def sure(answer: str, share: float, classes: int) -> str:
    """An answer in words: "**cat**, 87 % sure", "perhaps **cat** (34 %)", "a guess among ten: **cat** (12 %)".

    answer  safe for Markdown; share: its probability, 0..1; classes: how many it could choose from
    """
    said = f"**{answer}**"
    if is_guess(share, classes):
        among = NUMBERS[classes] if classes < len(NUMBERS) else str(classes)
        return f"a guess among {among}: {said} ({percent(share, 0)})"
    return f"{said}, {percent(share, 0)} sure" if share >= 0.5 else f"perhaps {said} ({percent(share, 0)})"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them: "8 sec", "3 min 20 sec", "2 hr 5 min"; None -> "–"."""
    if seconds is None:
        return "–"
    minutes, left = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = {"hour": hours, "minute": minutes, "second": 0 if hours else left}
    said = [format_unit(count, unit, "short", locale=LOCALE) for unit, count in parts.items() if count]
    return format_list(said or [format_unit(0, "second", "short", locale=LOCALE)], "unit-narrow", LOCALE)


def short(count: int) -> str:
    """A number of pictures where there is no room: 500, 5k, 50k, 1.2k."""
    return f"{count:,}" if count < 1000 else f"{round(count / 1000, 1):g}k"


def size(done: float) -> str:
    """Bytes as megabytes: 170498071 -> "170 MB"."""
    return format_unit(round(done / 1e6), "megabyte", "short", locale=LOCALE)


def ago(unix_seconds: float | None, now: float | None = None) -> str:
    """How long since a moment: "just now", "5 min. ago", or the date when it is more than a day."""
    if unix_seconds is None:
        return ""
    passed = int((time.time() if now is None else now) - unix_seconds)
    if passed < 60:
        return "just now"
    if passed < 86_400:
        whole = passed - passed % (60 if passed < 3600 else 3600)  # rounded down: 59 min 40 s ago is not an hour ago
        return format_timedelta(
            -timedelta(seconds=whole), threshold=1, add_direction=True, format="short", locale=LOCALE
        )
    return format_date(date.fromtimestamp(unix_seconds), locale=LOCALE)


def label(run: Run, mark: str = "") -> str:
    """The run in a list: what it is called, its test accuracy or state, how many pictures it learnt from. No Markdown.

    "rowcue-quick · 100 % · 20k", behind a mark
    """
    accuracy, started = (run.last("finished") or {}).get("accuracy"), run.last("started") or {}
    state = STATUS_WORDS[run.status] if accuracy is None else percent(accuracy, 0)
    count = pictures(run.config, (started.get("train") or 0) + (started.get("validation") or 0))
    behind = f" · {state}" + (f" · {short(count)}" if count else "")
    return f"{mark}{escaping.plain(run.called, LABEL - len(mark) - len(behind))}{behind}"


def about(run: Run) -> str:
    """The run's settings in one line, for captions."""
    data, model, training = run.config.data, run.config.model, run.config.training
    if model.cell == "none":
        network = "no recurrence"
    else:
        layers = f"{model.layers} × " if model.layers > 1 else ""
        both = ", both directions" if model.bidirectional else ""
        network = f"{names.CELLS[model.cell]} {layers}{model.hidden} units{both} · {model.readout} readout"
    if model.encoder != "rows":
        network = f"{names.ENCODERS[model.encoder]} · {network}"
    epochs = "1 epoch" if training.epochs == 1 else f"{training.epochs} epochs"
    control = ", shuffled labels" if data.shuffle_labels else ""
    return f"{names.DATA[data.name]}{control} · {network} · {epochs}"


def what_curves_show(run: Run) -> str:
    """What the training values and the validation values of a run's curves are taken from."""
    data, training = run.config.data, run.config.training
    used = {
        "are varied": data.flip or data.shift or data.cutout,
        "have smoothed labels": training.label_smoothing,
    }
    ways = [way for way, so in used.items() if so]
    which = f", which {' and '.join(ways)}; validation pictures are shown as they are" if ways else ""
    if training.label_smoothing:
        which += (
            f". As the right class counts for {percent(1 - training.label_smoothing, 0)} of a smoothed label, the "
            "training loss stays far above the validation loss: nothing is wrong"
        )
    labels = " The labels of both were shuffled; those of the test pictures are true." if data.shuffle_labels else ""
    return f"Training values are means over the batches just seen{which}.{labels}"


def steps(model: ModelConfig) -> str:
    """How many steps the network takes, and how much of the picture one sees: a sentence for under the form."""
    seen = bands(model)
    most = max(end - start for start, end in seen)
    sees = f"at most {most} of the picture's {PICTURE} pixel rows" if most > 1 else "one pixel row"
    if model.cell != "none":
        return f"{len(seen)} steps; a step sees {sees}."
    if model.encoder == "seed-cnn":
        return f"No steps: the document's three layers read all {len(seen)} rows at once; a row has seen {sees}."
    return f"No steps: the readout sees the mean of {len(seen)} rows; a row has seen {sees}."


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
            step = (progress or {}).get("step") or 0
            where = f"at step {step:,}" if step else "before the first step"
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
            return Sentence(
                "Interrupted: the training process ended without a word. The machine may have been switched off, or "
                f"memory may have run out. {_kept(run)} {_goes_on(run)}",
                "error",
            )


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


STATUS_WORDS = {
    "queued": "waiting",
    "running": "training",
    "paused": "paused",
    "stopping": "stopping",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
}
STATUS_COLOURS: dict[str, Literal["blue", "green", "orange", "red", "gray", "violet"]] = {
    "queued": "gray",
    "running": "blue",
    "paused": "violet",
    "stopping": "orange",
    "finished": "green",
    "stopped": "orange",
    "failed": "red",
    "interrupted": "red",
}
