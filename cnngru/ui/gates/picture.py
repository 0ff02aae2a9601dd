"""Which picture the gates page looks at: a sample, a test picture that a link names, or the person's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnngru.config import DataConfig
from cnngru.runs.store import Run
from cnngru.ui import picture_input, samples, wording
from cnngru.ui.gates import controls

TESTED, SAMPLE, OWN = "from the test", "a sample", "my own"
STAYS = "It stays here: a link carries all that you choose, but no picture of your own."


@dataclass(frozen=True)
class Picture:
    """One picture and what is known of it.

    image   (32, 32, 3) uint8, what the network sees
    name    what to call it in a sentence, not safe for Markdown
    label   its true class, "" where it is not known
    cue     the pixel rows [start, end) that decide (RowCue), else None
    test    its number in the test, counted from 0, None where it is not of the test
    code    Python that gives it as `image`, uint8 (3, 32, 32), with the imports that it needs on lines of their own
    """

    image: np.ndarray
    name: str
    label: str = ""
    cue: tuple[int, int] | None = None
    test: int | None = None
    code: str = ""


def choose(run: Run, switches: DeltaGenerator) -> Picture:
    """A sample of the run's data set, the test picture of ?test=, or the person's own. Ends the page without one.

    switches    the container for the switch between the three; all else is drawn where this is called
    """
    data = run.config.data
    found = samples.available(data)
    brought = st.session_state.get("uploads", {}).get(st.query_params.get("upload"))
    tested = samples.from_test(data, st.query_params.get("test"))
    if not found and not tested:
        return _own(brought, samples.why_none(data))
    offered = [*([TESTED] if tested else []), *([SAMPLE] if found else []), OWN]
    with switches:
        first = TESTED if tested else OWN if brought else SAMPLE
        source = controls.one_of("Picture", offered, "source" + "-tested" * bool(tested), first=first)
    if source == OWN:
        return _own(brought, "")
    if source == TESTED and tested:
        st.caption(f"Picture {tested.place:,} of the test, counted from 0.")
        return of_test(run, tested)
    return of_sample(run, samples.choose(found))


def of_sample(run: Run, sample: samples.Sample) -> Picture:
    """One of the samples of the run's data set (`samples.available`)."""
    data = run.config.data
    if data.name == "rowcue":
        drawn = f"rowcue.generate({samples.DRAWN}, {(data.seed, samples.SAMPLE_STREAM)})"
        code = f"from cnngru.data import rowcue\nimage = {drawn}.images[{sample.place}]"
        return Picture(sample.image, "this sample", sample.label, sample.cue, code=code)
    return of_test(run, sample)


def of_test(run: Run, picture: samples.Sample) -> Picture:
    """A test picture of the run's data set; `picture.place` is its number there."""
    code = _code_of_test(run.config.data, run.name, picture.place)
    return Picture(picture.image, f"test picture {picture.place}", picture.label, picture.cue, picture.place, code)


def _code_of_test(data: DataConfig, run: str, place: int) -> str:
    match data.name:
        case "rowcue":
            drawn = f"rowcue.generate(rowcue.TEST, {(data.seed, samples.TEST_STREAM)})"
            return f"from cnngru.data import rowcue\nimage = {drawn}.images[{place}]"
        case "cifar10":
            read = f"(cifar10.read_test({data.path!r}) or cifar10.read_test())" if data.path else "cifar10.read_test()"
            return f"from cnngru.data import cifar10\nimage = {read}.images[{place}]"
        case _:
            load = f"data.load(store.get({run!r}).config.data)"
            return f"from cnngru import data\nfrom cnngru.runs import store\nimage = {load}.test.images[{place}]"


def _own(brought: picture_input.Upload | None, why_no_samples: str) -> Picture:
    file = st.file_uploader("Your picture", type=picture_input.KINDS, help="PNG, JPEG, WebP, GIF or BMP, up to 20 MB.")
    if file is not None:
        read = picture_input.read(file.name, file.getvalue())
        if isinstance(read, picture_input.Upload):
            st.caption(STAYS)
            return uploaded(read)
        st.error(f"**{wording.plain(read.name)}**: {read.reason}")
        st.stop()
    if brought:
        shown = f"Showing **{wording.plain(brought.name)}**, brought from Predict. Upload another to replace it."
        st.caption(f"{shown} {STAYS}")
        return uploaded(brought)
    st.info(f"{why_no_samples} Upload a picture to see what the gates do while the network reads it.".strip())
    return st.stop()


def uploaded(file: picture_input.Upload) -> Picture:
    """A person's own file."""
    read = f"predict.read_picture(Path({file.name!r}).read_bytes()).seen  # your file"
    code = f"from pathlib import Path\nfrom cnngru import predict\nimage = {read}"
    return Picture(file.seen, file.name, code=code)
