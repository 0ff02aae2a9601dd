"""Visitors in real browsers: each has a word of its own, by which its runs are known again; the others look on."""

import hashlib
import re

import pytest
from between import between
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
    spectator.wait_for_function(WORD)
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


def test_the_host_is_told_by_the_connection_and_no_header_makes_one(home, new_page, monkeypatch):
    """What a server in between says, on this very computer, makes a visitor: also where it says what a host would."""
    monkeypatch.setenv("CNNGRU_VISITORS", "watch")
    with serve(home) as url, between(url, "X-Forwarded-For: 127.0.0.1") as passed_on:
        own, other = new_page(), new_page()
        for page, address in ((own, url), (other, passed_on)):
            page.goto(f"{address}/train")
            settle(page)
        expect(own.get_by_role("button", name="Start", exact=True)).to_be_visible()
        expect(other.get_by_text(roles.WATCH)).to_be_visible()
        expect(other.get_by_role("button", name="Start", exact=True)).to_have_count(0)
    assert own.evaluate(WORD) is None  # the host needs none
    assert other.evaluate(WORD)
