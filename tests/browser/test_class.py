"""Visitors in real browsers: each has a word of its own, by which its runs are known again; the others look on."""

import hashlib
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from serving import serve
from test_looking import settle
from test_training import choose, fill

from cnngru.runs import owners, store
from cnngru.ui import roles, visitor

WORD = f"document.cookie.match(/{visitor.COOKIE}=([0-9a-f]+)/)?.[1]"


@pytest.fixture
def room(home, monkeypatch):
    """A server whose visitors steer their own runs, and to which every browser is a visitor's."""
    monkeypatch.setenv("CNNGRU_VISITORS", "start")
    monkeypatch.setenv("CNNGRU_HOST", "nobody")
    with serve(home) as url:
        yield url


def start_a_long_run(page, room):
    page.goto(f"{room}/train")
    choose(page, "Data set", "RowCue")
    fill(page, "pictures", 2000)
    fill(page, "epochs", 1000)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page).to_have_url(re.compile(r"[?&]run="))


def test_who_started_a_run_stops_it_after_f5_and_in_a_new_tab_and_who_has_the_link_looks_on(room, page, new_page):
    start_a_long_run(page, room)
    stop = page.get_by_role("button", name="Stop training")
    expect(stop).to_be_enabled()
    word = page.evaluate(WORD)
    (run,) = [run for run in store.all_runs() if run.live]
    assert owners.read(run.folder) == hashlib.sha256(word.encode()).hexdigest()[:32]
    assert word not in page.url

    spectator = new_page()
    spectator.goto(page.url)
    settle_word(spectator)
    expect(spectator.get_by_role("button", name="Stop training")).to_be_disabled()
    expect(spectator.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    assert spectator.evaluate(WORD) != word

    page.reload()
    expect(stop).to_be_enabled()
    again, context = page.url, page.context
    page.close()
    reopened = context.new_page()
    reopened.goto(again)
    expect(reopened.get_by_role("button", name="Stop training")).to_be_enabled()
    assert reopened.evaluate(WORD) == word
    expect(spectator.get_by_role("button", name="Stop training")).to_be_disabled()
    assert store.get(run.name).live
    reopened.get_by_role("button", name="Stop training").click()
    assert store.wait(run.name, timeout=60).status == "stopped"


def settle_word(page):
    settle_for_training(page)
    page.wait_for_function(WORD)


def settle_for_training(page):
    """The page has drawn itself once: while a run trains it never rests."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_browser_that_says_it_is_the_host_is_none(home, new_page, monkeypatch):
    """Only the connection says so: a header that a visitor sends makes it less of a host, never more."""
    monkeypatch.setenv("CNNGRU_VISITORS", "watch")
    with serve(home) as url:
        own = new_page()
        own.goto(f"{url}/train")
        settle(own)
        expect(own.get_by_role("button", name="Start", exact=True)).to_be_visible()
        port = urlsplit(url).port
        by_another_name = new_page()
        by_another_name.goto(f"http://app.localhost:{port}/train")  # a name that leads here, and is ours
        settle(by_another_name)
        expect(by_another_name.get_by_role("button", name="Start", exact=True)).to_be_visible()
    monkeypatch.setenv("CNNGRU_HOST", "nobody")
    with serve(home) as url:
        other = new_page()
        other.goto(f"{url}/train")
        settle(other)
        expect(other.get_by_text(roles.WATCH)).to_be_visible()
        expect(other.get_by_role("button", name="Start", exact=True)).to_have_count(0)
