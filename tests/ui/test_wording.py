"""Durations, sizes and moments as people write them."""

from datetime import datetime

import pytest

from cnngru.ui import state_words, wording


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"),
        (-3, "0 sec"),
        (0, "0 sec"),
        (8.4, "8 sec"),
        (59.6, "1 min"),
        (200, "3 min 20 sec"),
        (3599.7, "1 hr"),
        (7530, "2 hr 5 min"),
        (172_800, "48 hr"),
    ],
)
def test_durations_have_at_most_two_units(seconds, said):
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (-5, "just now"),  # another machine's clock
        (59, "just now"),
        (60, "1 min. ago"),
        (3599, "59 min. ago"),
        (3600, "1 hr. ago"),
        (7199, "1 hr. ago"),
        (86_399, "23 hr. ago"),
        (86_400, "Nov 5, 2026"),
    ],
)
def test_moments_are_told_by_how_long_ago_they_were_and_after_a_day_by_their_date(passed, said):
    moment = datetime(2026, 11, 5, 12).timestamp()
    assert wording.ago(moment, now=moment + passed) == said


def test_a_moment_that_is_not_known_is_not_told():
    assert wording.ago(None) == ""


def test_sizes_are_in_megabytes_and_shares_in_percent():
    assert wording.size(170_498_071) == "170 MB"
    assert wording.percent(0.8816) == "88.2 %"
    assert wording.percent(0.8816, 0) == "88 %"
    assert wording.percent(None) == "–"


@pytest.mark.parametrize(
    ("before", "seconds", "said"),
    [
        (0, 0.0, "It starts in a moment."),
        (2, 183.0, "Waiting for its turn: 2 before it, about 3 min. It starts by itself."),
        (1, 44.0, "Waiting for its turn: 1 before it, about 40 sec. It starts by itself."),
        (1, None, "Waiting for its turn: 1 before it. It starts by itself."),
    ],
)
def test_a_queue_says_how_many_are_before_and_about_how_long(before, seconds, said):
    assert state_words.waiting(before, seconds) == said
