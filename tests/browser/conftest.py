"""A real server, a real Chromium, and one RowCue run that was really trained."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from playwright.sync_api import Browser, Page, expect, sync_playwright
from serving import PATIENCE, rowcue, serve

from cnngru import places
from cnngru.runs import engines, store

CHROMIUM = shutil.which("chromium", path="/usr/bin") or shutil.which("chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGS += ["--disable-component-update", "--disable-sync"]

expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(10 * PATIENCE))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="needs Chromium: sudo apt install chromium"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for one module's runs and logs; no CIFAR-10."""
    folder = tmp_path_factory.mktemp("app")
    st.cache_resource.clear()  # a test of pages may have left other test pictures there
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNGRU_CHECKPOINTS", str(folder / "checkpoints"))
        patch.setenv("CNNGRU_DATA", str(folder / "no-data"))
        patch.setenv("CNNGRU_MAX_RUNS", "1")
        yield folder


@pytest.fixture(autouse=True)
def nothing_left_training(home: Path) -> Iterator[None]:
    """A test that failed half way must not leave the next one waiting in the queue."""
    yield
    for run in store.all_runs():
        engines.choose().stop(run.name, force=True)


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    with serve(home) as url:
        yield url


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a RowCue run that was really trained, once for all modules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path_factory.mktemp("trained")))
        name = engines.choose().start(rowcue(epochs=1, pictures=1500), "trained")
        run = store.wait(name, timeout=PATIENCE)
        assert run.status == "finished", run.events[-1]
        return run.folder


@pytest.fixture(scope="module")
def trained(home: Path, trained_once: Path) -> str:
    """The name of that run, in this module's folder of runs."""
    shutil.copytree(trained_once, store.root() / trained_once.name)
    return trained_once.name


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with the runs that the project ships, and nothing else; no CIFAR-10."""
    for name in places.NETWORKS:
        shutil.copytree(places.SHIPPED / name, tmp_path / "checkpoints" / name)
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path / "no-data"))
    with serve(tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """new_page() is another person's browser: a window that shares nothing with the others."""
    contexts = []

    def open_window(width: int = 1280, height: int = 900, scheme: str = "light", touch: bool = False) -> Page:
        screen = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
        contexts.append(chromium.new_context(**screen, has_touch=touch, is_mobile=touch))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE * 1000)
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()
