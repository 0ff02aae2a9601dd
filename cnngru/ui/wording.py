"""What the pages say in words and figures: durations, shares, and a run's state as plain sentences.

Pure text: plain values in, text out. Knows nothing of streamlit.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.units import format_unit

from cnngru import names
from cnngru.bands import bands
from cnngru.config import PICTURE, ModelConfig

if TYPE_CHECKING:
    from cnngru.runs.store import Run

LOCALE = "en"  # of numbers, durations and dates
ROWCUE = (
    "These are RowCue's pictures: noise, with several striped bands, of which only the topmost decides the class. So "
    "the network has to remember what it saw first, and its gates show how. Choose another run at the left to see "
    "photos."
)


def percent(share: float | None, digits: int = 1) -> str:
    """0.8816 -> "88.2 %"; None (a figure that could not be computed) -> "–"."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


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
