"""Names are shown as they were written, in each way in which text is read, and fit where they stand."""

import pytest
from strangers import JOINER, NAMES, from_markdown, from_plotly, whole

from cnngru import escaping

TAG = r"<[^<>]*>"


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_plotly_reads_the_name_again_and_finds_no_tag_no_latex_and_no_template(name):
    text = escaping.plotly(name, None)
    assert from_plotly(text) == whole(name)
    assert not set(text) & set("<>$\n")
    assert "%{" not in text


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_markdown_reads_the_name_again_and_every_mark_in_it_is_escaped(name):
    text = escaping.markdown(name, None)
    assert from_markdown(text) == whole(name)
    marks = [place for place, c in enumerate(text) if c in r"`*_{}[]()<>#+!|$:~&"]
    assert all(text[place - 1] == "\\" for place in marks)
    assert "\n" not in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (":smile:", f"\\:{JOINER}smile\\:"),  # replaced in the page after Markdown was read: a backslash is no help
        (":material/home:", f"\\:{JOINER}material/home\\:"),
        ("a -> b", f"a -{JOINER}\\> b"),
        ("a --", f"a -{JOINER}-"),
        ("http://x.org", f"http{JOINER}\\://x.org"),
        ("www.x.org", f"www{JOINER}.x.org"),
        ("me@x.org", f"me@{JOINER}x.org"),
        ("- a", "\\- a"),
        ("12. a", "12\\. a"),
        (" a ", f"{JOINER} a {JOINER}"),  # **bold** may not begin with a space
        ("C:\\x 10:30", "C\\:\\\\x 10\\:30"),
        ("cat", "cat"),
    ],
)
def test_what_the_page_would_replace_is_kept_apart(name, shown):
    assert escaping.markdown(name) == shown


def test_what_cannot_be_seen_is_written_out_and_scripts_are_left_alone():
    assert escaping.plain("a\tb\r\x00\x7f\u202e\u2066\u2028\u200b\ud800", None) == (
        "a\\tb\\r\\x00\\x7f\\u202e\\u2066\\u2028\\u200b\\ud800"
    )
    for name in ("naïve", "नमस्ते", "می‌خواهم", "👩‍🚒", "é" + "e\u0301", "a  b"):
        assert escaping.plain(name) == name


def test_a_name_from_right_to_left_does_not_turn_what_stands_beside_it():
    assert escaping.plotly("شاحنة") == "\u2068شاحنة\u2069"
    assert escaping.markdown("שלום") == "\u2068שלום\u2069"
    assert escaping.plotly("é中") == "é中"


@pytest.mark.parametrize(
    ("text", "letters", "short"),
    [
        ("w" * 200, 11, "wwwww…wwwww"),
        ("abcdefgh", 8, "abcdefgh"),
        ("abcdefghi", 8, "abcd…ghi"),
        ("长" * 9, 9, "长长…长长"),  # two columns each
        ("e\u0301" * 5, 5, "e\u0301" * 5),
        ("e\u0301" * 6, 5, "e\u0301e\u0301…e\u0301e\u0301"),
    ],
)
def test_the_middle_of_a_long_name_is_left_out(text, letters, short):
    assert escaping.shorten(text, letters) == short


def test_no_two_options_are_called_the_same():
    long = ["w" * 99 + "a" + "w" * 100, "w" * 99 + "b" + "w" * 100, "cat"]
    called = escaping.distinct(long)
    assert list(called) == long
    assert len(set(called.values())) == 3
    assert called["cat"] == "cat"
    assert all(len(label) <= escaping.LINE + 4 for label in called.values())


def test_the_lines_of_a_message_stay_lines_and_nothing_of_it_is_left_out():
    assert escaping.message(f"a*b\n- {'w' * 99}") == f"a\\*b  \n\\- {'w' * 99}"
    assert escaping.message("see https://x.org") == "see https\\://x.org"  # can be copied
