"""Under every figure, for every cell: how to read it and what not to conclude, in at most two sentences."""

import figure_boxes
import handmade
import pytest

from cnngru.runs import analyses, store
from cnngru.ui import gates

CELLS = ("gru", "gru-textbook", "lstm", "mingru", "rnn")


@pytest.mark.parametrize("cell", CELLS)
def test_captions_have_at_most_two_sentences(app, monkeypatch, cell):
    monkeypatch.setattr("cnngru.data.rowcue.TEST", 150)
    config = handmade.tiny(model__cell=cell, model__layers=2, model__bidirectional=True)
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED, config=config)
    analyses.load_or_compute(store.get("a"), analyses.SURVEY)
    for view in gates.VIEWS:
        test = app("gates", run="a", view=view, unit="3", step="2")
        assert not test.exception
        captions = [caption.value for caption in test.caption if not caption.value.startswith("The Python")]
        assert len(captions) >= len(figure_boxes.charts(test)) > 0 or (cell, view) == ("rnn", "kept")
        for caption in captions:
            assert caption.count(". ") <= 1, (view, caption)
