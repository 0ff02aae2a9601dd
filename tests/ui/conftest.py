"""The app in Streamlit's own test harness, with an engine that starts nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
import unstarted
from handmade import ELSEWHERE, WORD
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from cnngru.config import Config
from cnngru.runs import engines, liveness, store
from cnngru.runs.commands import Command
from cnngru.ui.visitor import COOKIE

APP = Path(__file__).parents[2] / "streamlit_app.py"
PATIENCE = 60  # seconds: torch's first import on a busy machine


class PaperEngine:
    """Writes run folders and remembers what it was asked; no process."""

    def __init__(self) -> None:
        self.started: list[Config] = []
        self.stopped: list[tuple[str, bool]] = []
        self.resumed: list[tuple[str, Command | None]] = []

    def start(self, config: Config, name: str | None = None, begin: store.Begin | None = None) -> str:
        self.started.append(config)
        made = unstarted.create(config, name or f"made-{len(self.started)}")
        if begin is not None:
            begin(store.root() / made)
        return made

    def resume(self, name: str, first: Command | None = None) -> None:
        self.resumed.append((name, first))

    def stop(self, name: str, force: bool = False) -> None:
        self.stopped.append((name, force))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> PaperEngine:
    paper = PaperEngine()
    monkeypatch.setattr(engines, "choose", lambda: paper)
    return paper


@pytest.fixture
def holding() -> Iterator[Callable[[str], None]]:
    """Makes this process the worker of runs."""
    descriptors: list[int] = []

    def hold(name: str) -> None:
        descriptor = liveness.take(store.root() / name)
        assert descriptor is not None
        descriptors.append(descriptor)

    yield hold
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def come_from(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """come_from("10.0.0.7", cookies={…}) makes all browsers from then on come from there; None is this computer."""

    def come(address: str | None, headers: dict[str, str] | None = None, cookies: dict[str, str] | None = None) -> None:
        for name, value in {"ip_address": address, "headers": headers or {}, "cookies": cookies or {}}.items():
            monkeypatch.setattr(type(st.context), name, value)

    return come


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, come_from: Callable[..., None]) -> Callable[..., None]:
    """Lets visitors steer their own runs, and comes as one; visit(word) says with which word, "" for none yet."""
    monkeypatch.setenv("CNNGRU_VISITORS", "start")

    def come(word: str = WORD, address: str | None = ELSEWHERE, headers: dict[str, str] | None = None) -> None:
        come_from(address, headers, {COOKIE: word} if word else {})

    come()
    return come


@pytest.fixture
def app(
    checkpoints: Path,
    engine: PaperEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    come_from: Callable[..., None],
) -> Callable[..., AppTest]:
    """app("train", run="a") opens a page as a link to it would. There is no CIFAR-10 and there are no runs yet."""
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path / "no-data"))
    come_from(None)
    st.cache_resource.clear()
    # The harness forgets before each rerun that st.navigation was called, a server does not: see run_picker.title.
    made = PagesManager.__init__

    def remember(self: PagesManager, *args: object, **settings: object) -> None:
        made(self, *args, **settings)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", remember)

    def open_page(page: str, run: str | None = None, **params: str) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=PATIENCE)
        for name, value in {**({"run": run} if run else {}), **params}.items():
            test.query_params[name] = value
        test.switch_page(f"pages/{page}.py")
        test.run()
        assert not test.exception, [error.value for error in test.exception]
        return test

    return open_page
