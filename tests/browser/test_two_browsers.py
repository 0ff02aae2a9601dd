"""A run that is steered from two browsers and the terminal: held, stepped, gone on with, continued from a click."""

import os
import re
import subprocess
import sys

from playwright.sync_api import expect
from serving import PROJECT, rowcue

from cnngru.runs import engines, family, store


def command(*words):
    done = subprocess.run(
        [sys.executable, "-m", "cnngru", *words],
        cwd=PROJECT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def step_of(name):
    return store.get(name).step


def paused_at(page, step):
    expect(page.get_by_text(f"Paused at step {step:,}.")).to_be_visible()


def button(page, name):
    return page.get_by_role("button", name=name)


def press(page, key, name):
    """The key of a button, once that is there and nothing more is drawn: a key is heard from then on."""
    expect(button(page, name)).to_be_enabled()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.keyboard.press(key)


def test_a_run_from_the_terminal_is_steered_from_two_browsers_and_the_terminal(server, trained, page, new_page):
    page.goto(f"{server}/train?run={trained}")
    expect(page.get_by_text("Finished in")).to_be_visible()
    settings = ["data.pictures=2000", "training.epochs=500", "training.batch=50", "training.threads=1"]
    asked = [word for setting in settings for word in ("--set", setting)]
    name = command("train", "quick", "--data", "rowcue", *asked, "--name", "steered", "--background")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Home").click()
    page.get_by_role("link", name="steered").first.click()  # it has appeared by itself
    expect(page.get_by_text(re.compile(r"Training: epoch"))).to_be_visible()

    button(page, "Pause").click()
    expect(button(page, "Resume")).to_be_visible()
    held = step_of(name)
    paused_at(page, held)
    other = new_page()
    other.goto(f"{server}/train?run={name}")  # a link to a run that is held
    paused_at(other, held)
    press(other, "s", "One step")
    paused_at(other, held + 1)
    paused_at(page, held + 1)  # the first browser hears of it by itself
    button(page, "One step").click()
    paused_at(page, held + 2)
    paused_at(other, held + 2)

    page.reload()
    paused_at(page, held + 2)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="CNN + GRU, row by row")).to_be_visible()
    page.go_back()
    paused_at(page, held + 2)
    other.close()
    assert step_of(name) == held + 2

    other = new_page()
    other.goto(f"{server}/train?run={name}")
    paused_at(other, held + 2)
    press(other, "k", "Resume")
    expect(page.get_by_text(re.compile(r"Training: epoch"))).to_be_visible()
    command("runs", "pause", name)
    expect(button(page, "Resume")).to_be_visible()
    command("runs", "set", name, "training.learning_rate=0.0004")
    button(page, "Change").click()
    expect(page.locator(f".st-key-training-epochs-{name} input")).to_have_value("500")
    page.keyboard.press("Escape")
    command("runs", "step", name)
    expect(other.get_by_test_id("stVegaLiteChart").first.get_by_text("learning rate 0.0004")).to_be_visible()
    button(other, "Stop training").click()
    expect(page.get_by_text(re.compile(r"Stopped at step"))).to_be_visible()
    assert store.get(name).now.training.learning_rate == 0.0004


def test_a_run_is_continued_from_a_point_that_is_clicked_on_its_curve(server, page):
    parent = engines.choose().start(rowcue(epochs=4, pictures=600), "parent")
    assert store.wait(parent, timeout=100).status == "finished"
    page.goto(f"{server}/train?run={parent}")
    expect(button(page, "Continue as a new run")).to_be_visible()
    dots = page.get_by_test_id("stVegaLiteChart").first.locator("path[aria-roledescription='point']")
    expect(dots.first).to_be_attached()
    labels = dots.evaluate_all("dots => dots.map(dot => dot.getAttribute('aria-label') || '')")
    third = next(at for at, text in enumerate(labels) if "epoch: 3" in text and "part: validation" in text)
    box = dots.nth(third).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    # Epochs are so short here that not the state of each is kept.
    kept = family.nearest(family.points(store.get(parent)), 3 * 6)
    button(page, re.compile("^(fork_right )?Continue from ")).click()
    page.locator(f".st-key-fork-training-epochs-{parent} input").fill("6")
    page.locator(f".st-key-fork-training-epochs-{parent} input").press("Tab")
    box = page.locator(f".st-key-fork-{parent} input")
    box.fill("longer")
    box.press("Tab")
    button(page, "Continue").last.click()
    expect(page.locator(".st-key-title-row").get_by_text("longer", exact=True)).to_be_visible()
    expect(page.get_by_text("Finished in")).to_be_visible()
    expect(page.get_by_text("Family (2 runs)")).to_be_visible()
    [child] = [run for run in store.all_runs() if run.title == "longer"]
    origin = family.read(child.folder)
    assert (origin.run, origin.step, child.config.training.epochs) == (parent, kept.step, 6)
    assert child.events_of("progress")[0]["step"] == kept.step + 1
    page.get_by_text("Family (2 runs)").click()
    expect(page.locator(f".st-key-family-{child.name} .js-plotly-plot")).to_be_visible()
