"""The one uploader: every file gets an answer or a sentence, on each page, and a refused one leaves no other answer."""

import io

import figure_boxes
import handmade
import numpy as np
import pytest
from PIL import Image

from cnngru.pictures import KINDS

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
SVG = ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
HEIC = ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "image/heic")


def file(name, kind="PNG"):
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(data, kind)
    return name, data.getvalue(), "application/octet-stream"


def own(app, page):
    """The page, and its uploader of pictures."""
    handmade.run("a", *DONE)
    test = app("predict") if page == "predict" else app("gates", **({"view": "compare"} if page == "compare" else {}))
    return test, test.file_uploader[1 if page == "compare" else 0]


@pytest.mark.parametrize("page", ["predict", "gates", "compare"])
def test_every_page_takes_any_file_and_says_what_it_reads(app, page):
    _, uploader = own(app, page)
    assert not uploader.proto.type
    assert uploader.proto.help.startswith(f"{KINDS}, up to ")


@pytest.mark.parametrize("page", ["predict", "gates", "compare"])
@pytest.mark.parametrize(("refused", "what"), [(SVG, "an SVG drawing"), (HEIC, "a HEIC picture, as iPhones take them")])
def test_what_cannot_be_read_is_said_in_words_and_nothing_else_is_answered(app, page, refused, what):
    test, uploader = own(app, page)
    assert figure_boxes.charts(test)
    uploader.set_value([refused]).run()
    assert not test.exception
    error = test.error[0]
    name = refused[0]
    assert error.value == f"**{name}**: This is {what}, which cannot be read here: save it as PNG or JPEG and use that."
    assert not figure_boxes.charts(test)
    assert "in truth" not in handmade.words(test)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.jfif", "JPEG"), ("a.jpe", "JPEG"), ("a.TIF", "TIFF"), ("a.avif", "AVIF")]
)
def test_what_can_be_read_is_answered_whatever_it_is_called(app, name, kind):
    test, uploader = own(app, "predict")
    uploader.set_value([file(name, kind)]).run()
    assert not test.exception
    assert not test.error
    assert len(figure_boxes.charts(test)) == 1
