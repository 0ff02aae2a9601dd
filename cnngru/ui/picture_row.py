"""Which picture a page looks at: one row of pictures that are buttons, what is in the row, and one's own among them.

The address says what is chosen: ?test= a test picture's number, ?upload= one's own; ?which= and ?draw= the row. A link
of older days may say ?picture=3, the third of the row that a page begins with.
"""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import streamlit as st
from PIL import Image

from cnngru import escaping
from cnngru.pictures import Picture
from cnngru.runs.store import Run
from cnngru.ui import picture_input, samples
from cnngru.ui.components import component

NOT_CARRIED = (
    "The link is about somebody's own picture. A link carries all that was chosen, but nobody's pictures, so "
    "another one is shown. To see that one, upload it with :material/add_photo_alternate:."
)


def choose(run: Run, suffix: str = "", first: int = 0) -> Picture | None:
    """Draws the row and returns the picture that is chosen, at first the one in that place.

    None, and says so, where there is none, and where a person's file was no picture: nothing may look like its answer.

    suffix  of the keys and of what stands in the address, where a page has a second row
    """
    test, which, draw, upload = (f"{name}{suffix}" for name in ("test", "which", "draw", "upload"))
    split = samples.test_pictures(run.config.data)
    own = picture_input.mine()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"pictures{suffix}"):
        place = st.container(width="stretch", key=f"strip{suffix}")
        row = [] if isinstance(split, str) else _row(run, split, which, draw)
        with st.popover(":material/add_photo_alternate:", help="Your picture: upload one.", key=f"add{suffix}"):
            picture_input.add(upload, test)
    nothing_taken = picture_input.tell_refused()
    _read_older_link(row, test, f"picture{suffix}")
    tested = samples.from_test(run.config.data, st.query_params.get(test))
    wanted = st.query_params.get(upload)
    if wanted and wanted not in own:
        st.info(NOT_CARRIED, icon=":material/link_off:")
    if tested and (number := int(st.query_params[test])) not in row:
        row = [number, *row]
    pictures = own | ({} if isinstance(split, str) else {str(number): split.picture(number) for number in row})
    if not pictures:
        st.info(f"{samples.why_none(run.config.data)} Or upload a picture of your own: :material/add_photo_alternate:")
        return None
    begin = str(row[min(first, len(row) - 1)]) if row else next(iter(own))
    chosen = wanted if wanted in own else str(tested.test) if tested else begin
    with place:
        _strip(pictures, chosen, f"picture-strip{suffix}", test, upload)
    return None if nothing_taken else pictures[chosen]


def _row(run: Run, split: samples.TestSplit, which: str, draw: str) -> list[int]:
    """The numbers of the test pictures in the row: asks of which kind, and for others of that kind."""
    kinds = samples.kinds(run, split)
    kind = st.selectbox(
        "Which pictures",
        kinds,
        format_func=lambda kind: escaping.shorten(escaping.plain(kind), 24),
        key=which,
        bind="query-params",
        label_visibility="collapsed",
        width=150,
        on_change=_first_of_kind,
        args=(draw, which.replace("which", "test"), which.replace("which", "upload")),
    )
    number = st.query_params.get(draw, "")
    drawn = int(number) if number.isdecimal() and len(number) <= samples.DIGITS else 0
    numbers = samples.row(run, split, kind, drawn)
    st.button(
        ":material/shuffle:",
        key=f"{draw}-button",
        help="Another: other pictures of this kind.",
        on_click=_others,
        args=(draw, drawn + 1, which.replace("which", "test"), which.replace("which", "upload")),
    )
    return numbers


def _others(draw: str, number: int, *choices: str) -> None:
    """Called by the button: the next row, of which the first picture is chosen."""
    picture_input.forget_refused()
    st.query_params[draw] = str(number)
    for name in choices:
        st.query_params.pop(name, None)


def _first_of_kind(*names: str) -> None:
    """Called when another kind is chosen: its first row, of which the first picture is chosen."""
    for name in names:
        st.query_params.pop(name, None)


def _read_older_link(row: list[int], test: str, picture: str) -> None:
    number = st.query_params.get(picture, "")
    if test not in st.query_params and number.isdecimal() and 1 <= len(number) <= 2 and 1 <= int(number) <= len(row):
        st.query_params[test] = str(row[int(number) - 1])
    st.query_params.pop(picture, None)  # only now: the browser hears of each step, and may ask again between two


def _strip(pictures: dict[str, Picture], chosen: str, key: str, test: str, upload: str) -> None:
    def follow() -> None:
        """Called by a choice in the row: it goes into the address, from where it is read."""
        picture_input.forget_refused()
        wanted = st.session_state[key]["chosen"]
        if wanted in pictures:
            here, gone = (test, upload) if wanted.isdecimal() else (upload, test)
            st.query_params[here] = wanted
            st.query_params.pop(gone, None)

    shown = [
        {
            "id": name,
            "label": ": ".join(escaping.plain(part) for part in (picture.name, picture.label) if part),
            "source": _png(picture),
        }
        for name, picture in pictures.items()
    ]
    component("picture_strip")(
        key=key, data={"pictures": shown, "chosen": chosen}, on_chosen_change=follow, height="content"
    )


def _png(picture: Picture) -> str:
    """The picture as an address that holds it: two to three kilobytes."""
    file = BytesIO()
    Image.fromarray(picture.image).save(file, "PNG")
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()
