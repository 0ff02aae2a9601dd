"""A class in the room, in a real browser: it has a word of its own, by which its runs are known again."""

import hashlib

import pytest
from playwright.sync_api import expect
from serving import serve
from test_looking import settle

from cnngru.runs import owners, store
from cnngru.ui import roles

WORD = f"document.cookie.match(/{roles.COOKIE}=([0-9a-f]+)/)?.[1]"


@pytest.fixture
def room(home, monkeypatch):
    """A server that is open to a class."""
    monkeypatch.setenv(roles.SETTING, "class")
    with serve(home) as url:
        yield url


def test_a_run_is_its_browsers_that_keeps_its_word(room, page, new_page):
    page.goto(f"{room}/train")
    settle(page)
    page.wait_for_function(WORD)
    word = page.evaluate(WORD)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Stop training")).to_be_enabled()
    (run,) = [run for run in store.all_runs() if run.live]
    assert owners.read(run.folder) == hashlib.sha256(word.encode()).hexdigest()[:32]
    page.get_by_role("button", name="Stop training").click()
    store.wait(run.name, timeout=60)
    page.reload()
    settle(page)
    assert page.evaluate(WORD) == word
    other = new_page()
    other.goto(room)
    settle(other)
    other.wait_for_function(WORD)
    assert other.evaluate(WORD) != word
