"""Pictures that were handed over, deleted and had back."""

import time

import pytest

from cnngru.data import DataError, own, own_aside


@pytest.fixture
def sets(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path))
    return tmp_path / "own-pictures"


def hand_over(sets, name, text="pixels"):
    (sets / name).mkdir(parents=True)
    (sets / name / "1.png").write_text(text)


def test_without_any_there_is_nothing_to_put_aside(sets):
    assert own_aside.put_aside() is None


def test_they_come_back_beside_what_was_handed_over_since(sets):
    hand_over(sets, "first")
    hand_over(sets, "second")
    aside = own_aside.put_aside()
    assert not own.root().exists()
    hand_over(sets, "second", "others")
    own_aside.bring_back(aside)
    assert (sets / "first" / "1.png").read_text() == "pixels"
    assert (sets / "second" / "1.png").read_text() == "others"


def test_they_are_gone_for_good_after_a_while(sets, tmp_path, monkeypatch):
    hand_over(sets, "first")
    (tmp_path / ".deleted-own-pictures-x").mkdir()  # not ours
    aside = own_aside.put_aside()
    own_aside.sweep(600)
    assert (tmp_path / aside / "first").exists()
    later = time.time() + 601
    monkeypatch.setattr(own_aside.time, "time", lambda: later)
    own_aside.sweep(600)
    assert not (tmp_path / aside).exists()
    assert (tmp_path / ".deleted-own-pictures-x").exists()
    with pytest.raises(DataError, match="gone for good"):
        own_aside.bring_back(aside)
