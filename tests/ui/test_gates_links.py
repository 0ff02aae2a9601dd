"""A link may say anything: every view is drawn all the same, with what it understands of it."""

import handmade
import pytest

from cnngru.ui.gates import VIEWS

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
KEYS = {
    "map": "view layer direction as source picture test upload sort panels step unit map-as",
    "kept": "for over",
    "knew": "read",
    "mattered": "for over hide hidden",
    "intervene": "hold to hold-steps hold-units paint paint-rows paint-to every every-by",
    "units": "pop-gate pop-units unit",
    "time": "moment follow",
    "compare": "beside source-b picture-b pair-gate pair-sort class-a class-b other-run",
}
NONSENSE = ["", "nonsense", "-1", "999999", "1.5", "nan", "inf", "9" * 400, "true"]


@pytest.fixture
def network():
    handmade.run("a", *DONE, config=handmade.tiny(model__layers=2, model__bidirectional=True))


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: value[:9] or "empty")
@pytest.mark.parametrize("view", KEYS)
def test_no_value_ends_in_a_traceback(app, network, view, value):
    nonsense = dict.fromkeys(KEYS[view].split(), value)
    test = app("gates", run="a", **{"view": view, **nonsense})
    assert any(VIEWS[view].says in line.value for line in test.markdown)


@pytest.mark.parametrize("key", ["hold", "to", "paint", "every-by"])
def test_nor_does_one_control_without_a_choice(app, network, key):
    link = {"hold": "keep", "paint": "mask rows", "every": "true"} | {key: ""}
    test = app("gates", run="a", view="intervene", **link)
    test.segmented_control(key="as").set_value("write").run()
    assert not test.exception
    assert ("**Write** of all 16 units held at 1" in handmade.words(test)) == (key != "hold")


def test_steps_and_rows_that_run_backwards_or_beyond(app, network):
    for first, last in (("99", "1"), ("1", "99"), ("-5", "3"), ("a", "b")):
        pair = [first, last]
        test = app("gates", run="a", view="intervene", hold="keep", paint="swap rows", **{"hold-steps": pair})
        test = app("gates", run="a", view="intervene", hold="keep", paint="swap rows", **{"paint-rows": pair})
        assert "held at 0" in handmade.words(test)
