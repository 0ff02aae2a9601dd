"""What is drawn anew while a run trains."""

import handmade
import pytest

from cnngru.runs import store
from cnngru.ui import refresh


class WholePage(Exception):
    """Stands in for the exception by which Streamlit starts the page over."""


@pytest.fixture
def drawn(checkpoints, monkeypatch):
    """draw(states) draws runs a and b as `while_training` does, where they had those states; returns what was drawn."""
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, handmade.FINISHED, model=False)
    handmade.run("b", handmade.STARTED, handmade.PROGRESS, model=False)

    def start_over():
        raise WholePage

    monkeypatch.setattr(refresh.st, "rerun", start_over)

    def draw(**states):
        found = []
        refresh._tick(lambda runs: found.extend(run.name for run in runs), list(states), states)
        return found

    return draw


def test_runs_whose_state_has_not_changed_are_drawn_by_themselves(drawn):
    assert drawn(a="finished", b="interrupted") == ["a", "b"]
    assert drawn(b="interrupted") == ["b"]


@pytest.mark.parametrize("before", ["running", "queued", "stopping"])
def test_when_a_run_has_changed_its_state_all_of_the_page_is_drawn(drawn, before):
    with pytest.raises(WholePage):
        drawn(a="finished", b=before)


def test_when_a_run_is_gone_all_of_the_page_is_drawn(drawn):
    store.delete("a")
    with pytest.raises(WholePage):
        drawn(a="finished", b="interrupted")
