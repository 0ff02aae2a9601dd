"""An animated GIF that is cut short, wherever that is, gives its first frame or a sentence, never another error."""

import io

import numpy as np
import pytest
from PIL import Image

from cnngru.pictures import PictureError, read_picture


@pytest.fixture(scope="module")
def animation():
    random = np.random.default_rng(0)
    frames = [Image.fromarray(random.integers(0, 256, (24, 24, 3), dtype=np.uint8)) for _ in range(3)]
    data = io.BytesIO()
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:])
    return data.getvalue()


def test_every_cut_is_a_picture_or_a_sentence(animation):
    shown = told = 0
    for length in range(0, len(animation), 3):
        try:
            picture = read_picture(animation[:length], "cut.gif")
        except PictureError:
            told += 1
        else:
            shown += 1
            assert picture.image.shape == (32, 32, 3)
    assert shown
    assert told
    assert "first frame" in read_picture(animation, "whole.gif").note
