"""What can be taken away from a figure, and the Python beside it, which makes that very figure."""

import io
from types import SimpleNamespace

import figure_boxes
import handmade
import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

import cnngru
from cnngru.pictures import Picture
from cnngru.runs import store
from cnngru.ui.gates import figure_box
from cnngru.ui.gates import scene as scenes

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
LINKS = [
    {},
    {"sort": "similarity", "as": "write", "unit": "4", "step": "3"},
    {"sort": "as they are", "panels": "hidden", "unit": "0"},
    {"test": "17", "step": "16"},
]


def snippets(test):
    """How many snippets there are; each makes the figure that it stands under."""
    shown, made = figure_boxes.charts(test), figure_boxes.run_snippets(test)
    for one, other in zip(shown, made, strict=True):
        figure_boxes.same(one, other)
    return len(made)


@pytest.mark.parametrize("link", LINKS)
def test_the_snippets_of_the_map_make_its_figures(app, link):
    handmade.run("a", *DONE)
    test = app("gates", picture="3", **link)
    assert snippets(test) == 1 + ("unit" in link)


@pytest.mark.parametrize("cell", ["gru-textbook", "lstm", "mingru", "rnn"])
def test_so_they_do_for_every_cell_layer_and_direction(app, cell):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell=cell, model__layers=2, model__bidirectional=True))
    test = app("gates", layer="2", direction="bottom to top", unit="4", step="3")
    assert snippets(test) == 2


def test_a_snippet_reads_the_persons_own_file(app, monkeypatch, tmp_path):
    handmade.run("a", *DONE)
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(data, "PNG")
    name = 'it\'s "mine".png'
    (tmp_path / name).write_bytes(data.getvalue())
    monkeypatch.chdir(tmp_path)
    test = app("gates")
    test.file_uploader[0].set_value([(name, data.getvalue(), "image/png")]).run()
    assert snippets(test) == 1


def scene():
    handmade.run("a", *DONE)
    model = cnngru.load(store.get("a").folder)
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    logits, trace = cnngru.trace(model, scenes.as_images(image))
    picture = Picture(image, "a picture", code="from cnngru.data import rowcue\nimage = None")
    return scenes.Scene(store.get("a"), model, picture, 0, 0, False, "cnngru.load('a')", logits, trace, None)


def test_html_is_one_file_that_needs_no_network_and_no_theme_of_ours():
    figure = go.Figure(go.Scatter(y=[1.5, 2.5]), {"template": "streamlit"})
    text = figure_box.as_html(figure).decode()
    assert "Plotly.newPlot" in text
    assert len(text) > 1_000_000  # Plotly itself is inside
    assert "#000001" not in text  # a colour that only the page can fill in
    assert figure.layout.template.layout.colorway[0] == "#000001"  # the one on the page is left alone


def test_csv_has_the_numbers_in_full():
    lines = figure_box.as_csv({"step": np.arange(1, 3), "keep": np.array([0.1, 1 / 3])}).decode().splitlines()
    assert lines == ["step,keep", "1,0.1", "2,0.3333333333333333"]


def test_npz_has_the_whole_trace(checkpoints):
    shown = scene()
    with np.load(io.BytesIO(figure_box.as_npz(shown))) as found:
        assert set(found) == {"reset", "update", "candidate", "hidden", "bands", "logits", "classes", "picture"}
        np.testing.assert_array_equal(found["update"], shown.trace.update.numpy())
        np.testing.assert_array_equal(found["picture"], shown.picture.image)
        assert tuple(found["classes"]) == shown.classes


def test_a_snippet_has_each_import_once_and_on_top(checkpoints):
    text = figure_box.snippet(scene(), "import numpy as np\nfrom cnngru.data import rowcue\nfigure = 1")
    first, _, rest = text.partition("\n\nimport cnngru\n")
    assert first == "import numpy as np"
    assert rest.count("import") == 2
    assert rest.startswith("from cnngru")
    assert text.endswith("figure = 1\nfigure.show()\n")


def test_a_model_is_loaded_from_where_it_lies(monkeypatch, checkpoints):
    run = SimpleNamespace(name="a")
    assert scenes.model_code_of(run, "x.safetensors") == f"cnngru.load({str(checkpoints / 'a/x.safetensors')!r})"
    monkeypatch.delenv("CNNGRU_CHECKPOINTS")
    assert scenes.model_code_of(run) == "cnngru.load('checkpoints/a')"
