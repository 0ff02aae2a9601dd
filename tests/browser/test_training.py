"""Training as a person does it: start, watch, reload, look in from elsewhere, stop."""

import re
import shutil

import pytest
from playwright.sync_api import expect
from serving import rowcue, serve

from cnngru.runs import engines, store


def fill(page, setting, value):
    box = page.locator(f".st-key-new-rowcue-quick-{setting} input")
    box.fill(str(value))
    box.press("Tab")


def choose(page, label, option):
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def zoom_in(page):
    """Ctrl + wheel near the left end of the first chart."""
    box = page.get_by_test_id("stVegaLiteChart").first.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    page.keyboard.down("Control")
    for _ in range(5):
        page.mouse.wheel(0, -200)
    page.keyboard.up("Control")


def steps_taken(name):
    progress = store.get(name).last("progress")
    return progress["step"] if progress else 0


@pytest.fixture
def first_visit(tmp_path, monkeypatch):
    """A server that has no runs yet, whatever came before."""
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path / "checkpoints"))
    with serve(tmp_path) as url:
        yield url
    for run in store.all_runs():
        engines.choose().stop(run.name, force=True)


def test_the_first_page_opens_and_leads_on(first_visit, page):
    page.goto(first_visit)
    expect(page.get_by_role("heading", name="CNN + GRU, row by row")).to_be_visible()
    expect(page.get_by_text("No runs yet")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Train").click()
    expect(page.get_by_role("heading", name="Train")).to_be_visible()


def test_a_run_is_started_watched_reloaded_looked_at_from_elsewhere_and_stopped(first_visit, page, new_page):
    page.goto(f"{first_visit}/train")
    choose(page, "Data set", "RowCue")
    fill(page, "pictures", 2000)
    fill(page, "epochs", 200)
    fill(page, "batch", 50)
    page.get_by_role("textbox", name="Name").fill("mine *1*")
    page.get_by_role("button", name="Start").dblclick()

    expect(page).to_have_url(re.compile(r"[?&]run="))
    (run,) = store.all_runs()  # one, though the button was clicked twice
    expect(page.get_by_text(re.compile(r"Training: epoch"))).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)

    # The curve grows, in the same chart: it is not taken out and put in again, and a zoom stays.
    page.evaluate("document.querySelectorAll('[data-testid=stVegaLiteChart]').forEach(chart => chart.dataset.mine = 1)")
    end_of_axis = page.get_by_test_id("stVegaLiteChart").first.locator("svg text").get_by_text("200", exact=True)
    expect(end_of_axis).to_have_count(1)
    zoom_in(page)
    expect(end_of_axis).to_have_count(0)
    before, words = steps_taken(run.name), page.get_by_test_id("stProgress").inner_text()
    expect(page.get_by_test_id("stProgress")).not_to_have_text(words)
    expect(page.get_by_text("left ·")).to_be_visible()
    page.wait_for_timeout(3000)
    assert steps_taken(run.name) > before
    assert page.locator("[data-testid=stVegaLiteChart][data-mine='1']").count() == 2
    expect(end_of_axis).to_have_count(0)
    page.get_by_test_id("stVegaLiteChart").first.dblclick()
    expect(end_of_axis).to_have_count(1)

    page.reload()
    expect(shown(page, "mine *1*")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"[?&]run={run.name}"))
    expect(page.get_by_text(re.compile(r"Training: epoch"))).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)

    other = new_page()
    other.goto(f"{first_visit}/train?run={run.name}")
    expect(other.get_by_text(re.compile(r"Training: epoch"))).to_be_visible()
    other.get_by_role("button", name="Stop training").click()
    expect(other.get_by_text(re.compile(r"Stopped at step"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"Stopped at step"))).to_be_visible()  # the first window hears of it by itself
    assert store.get(run.name).status == "stopped"


def test_a_wrong_number_greys_start_out_while_it_is_typed(server, page):
    page.goto(f"{server}/train")
    start = page.get_by_role("button", name="Start")
    expect(start).to_be_enabled()
    box = page.locator(".st-key-new-cifar10-quick-epochs input")
    box.click()
    box.press("Control+a")
    box.press_sequentially("5,000", delay=50)  # and the field is not left
    expect(start).to_be_disabled()
    expect(page.get_by_role("alert").get_by_text("Epochs must be 1 to 1,000; got 5,000.")).to_be_visible()
    for _ in range(4):
        box.press("Backspace")
    expect(start).to_be_enabled()
    expect(box).to_have_value("5")


def test_ones_own_run_is_offered_on_another_page_and_a_click_shows_it(server, trained, page):
    page.goto(f"{server}/train?run={trained}")
    expect(shown(page, trained)).to_be_visible()
    page.get_by_text("New run", exact=True).click()
    choose(page, "Data set", "RowCue")
    fill(page, "pictures", 100)
    fill(page, "epochs", 1)
    page.get_by_placeholder(re.compile("RowCue, 100, ")).fill("my own")
    expect(page.get_by_role("button", name="Start")).to_have_count(1)
    page.get_by_role("button", name="Start").click()
    expect(shown(page, "my own")).to_be_visible()
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_role("link", name="Gates").click()
    expect(page.get_by_role("heading", name="Gates")).to_be_visible()
    expect(shown(page, trained)).to_be_visible()  # as before Start
    page.get_by_role("button", name="Your run my own has finished: look at it").click()
    expect(shown(page, "my own")).to_be_visible()
    expect(page.get_by_role("heading", name="Gates")).to_be_visible()
    sidebar.get_by_role("link", name="Predict").click()
    expect(page.get_by_role("heading", name="Predict")).to_be_visible()
    expect(shown(page, "my own")).to_be_visible()
    expect(page.get_by_text("Your run")).to_have_count(0)
    page.get_by_role("combobox", name="Run").click()
    expect(page.get_by_role("option").first).to_have_text(re.compile(r"^★ my own · \d+ % · 100$"))


def shown(page, run):
    """The run's name in the page's first row."""
    return page.locator(".st-key-title-row").get_by_text(run, exact=True)


def test_a_second_run_waits_its_turn_can_be_stopped_there_and_deleted(server, page):
    first = engines.choose().start(rowcue(epochs=200, pictures=2000), "first")
    second = engines.choose().start(rowcue(epochs=200, pictures=2000), "second")
    page.goto(f"{server}/train?run={second}")
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_be_disabled()
    page.get_by_role("button", name="Stop training").click()
    expect(page.get_by_text("before the first step")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(shown(page, second)).to_have_count(0)
    assert store.get(first).live
    assert second not in [run.name for run in store.all_runs()]


def test_a_link_opened_first_after_the_server_started_shows_the_whole_app(home, trained, page):
    with serve(home) as url:
        page.goto(f"{url}/train?run={trained}")
        expect(shown(page, trained)).to_be_visible()
        expect(page.get_by_test_id("stSidebar").get_by_role("combobox", name="Run")).to_be_visible()
        expect(page.get_by_text("Finished in")).to_be_visible()
        page.close()  # else it goes on asking for the server


def test_links_the_picker_and_the_back_button_agree_on_the_run(server, trained, page):
    shutil.copytree(store.root() / trained, store.root() / "another")
    page.goto(f"{server}/train?run={trained}")
    expect(shown(page, trained)).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Home").click()
    page.get_by_role("link", name="another").click()
    expect(shown(page, "another")).to_be_visible()
    expect(page).to_have_url(f"{server}/train?run=another")
    page.get_by_role("combobox", name="Run").click()
    page.get_by_role("option", name=re.compile(rf"^{trained} · \d+ % · ")).click()
    expect(shown(page, trained)).to_be_visible()
    expect(page).to_have_url(f"{server}/train?run={trained}")
    page.get_by_role("link", name="Predict with it").click()
    expect(page.get_by_role("heading", name="Predict")).to_be_visible()
    expect(shown(page, trained)).to_be_visible()
    page.go_back()
    expect(shown(page, trained)).to_be_visible()
    store.delete("another")
