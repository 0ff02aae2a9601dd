"""How long the gates page takes to follow a hand, in a real Chromium.

    CNNGRU_DATA=… python -m benchmarks.page_latency [--repeats 15]

Picking a picture: from the arrow key in the row of pictures to the map of the new picture on the screen.
Intervening: from the click that holds every keep gate at another value to the new map A | B | difference. Both are
timed inside the browser: from its event to the first frame in which the chart's heatmaps are others than before.
CIFAR-10's network is measured where the data is on this machine ($CNNGRU_DATA), RowCue's always.
"""

import argparse
import shutil
import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe
from benchmarks.page_times import LIMIT, server
from cnngru.data import cifar10
from cnngru.ui.samples import HOW_MANY

WARM = 2  # acts that are not counted

# What is on the screen of a chart: the pictures that Plotly has drawn its heatmaps as.
DRAWN = "() => [...document.querySelectorAll('.st-key-{key} .js-plotly-plot image')].map(i => i.href.baseVal).join()"
# From the next key or click on, looks at every frame until the heatmaps are there and others than before.
WATCH = """() => {{
    const drawn = {drawn}, before = drawn(), count = before.split('data:').length;
    window.followed = new Promise(done => {{
        const begin = () => {{
            removeEventListener('keydown', begin, true), removeEventListener('pointerdown', begin, true);
            const began = performance.now();
            const look = () => {{
                const now = drawn();
                const took = performance.now() - began;
                if (now !== before && now.split('data:').length === count) done(took);
                else if (took > 20000) done(NaN);  // nothing moved: shown as nan, and not waited for
                else requestAnimationFrame(look);
            }};
            look();
        }};
        addEventListener('keydown', begin, true), addEventListener('pointerdown', begin, true);
    }});
}}"""


def follow(page: Page, key: str, act: Callable[[int], None], repeats: int) -> list[float]:
    """Milliseconds until the chart `key` follows each act; WARM more of them first, not counted."""
    drawn = DRAWN.format(key=key)
    found = []
    for repeat in range(-WARM, repeats):
        page.wait_for_function(f"({drawn})().includes('data:')", timeout=LIMIT * 1000)
        time.sleep(0.7)  # a person looks; what the page does after the figure is over
        page.evaluate(WATCH.format(drawn=drawn))
        act(repeat)
        took = page.evaluate("followed")
        if repeat >= 0:
            found.append(took)
    return found


def pick(page: Page) -> Callable[[int], None]:
    """One picture on, from the first to the last, and back again."""

    def act(repeat: int) -> None:
        forth = (repeat + WARM) % (2 * (HOW_MANY - 1)) < HOW_MANY - 1
        page.locator("[role=radio][aria-checked=true]").press("ArrowRight" if forth else "ArrowLeft")

    return act


def hold(page: Page) -> Callable[[int], None]:
    """Every keep gate at 1, then at 0, …; it begins at 0."""
    return lambda repeat: page.locator(".st-key-to").get_by_text("10"[repeat % 2], exact=True).click()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="measurements of each (default 15)")
    repeats = parser.parse_args().repeats
    networks = [*(["cifar10-best"] if cifar10.status() == "ready" else []), "rowcue-quick"]
    print(f"{describe()}\nmedian of {repeats} (min–max), milliseconds\n\n| network | wait | ms |\n|---|---|---|")
    with server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(LIMIT * 1000)
        for network in networks:
            for what, place, key, act in (
                ("a picture picked, to its map", "view=map", "map", pick(page)),
                ("an intervention, to its map", "view=intervene&hold=keep&to=0", "change", hold(page)),
            ):
                page.goto(f"{address}/gates?run={network}&{place}")
                found = follow(page, key, act, repeats)
                figures = f"{statistics.median(found):.0f} ({min(found):.0f}–{max(found):.0f})"
                print(f"| {network} | {what} | {figures} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
