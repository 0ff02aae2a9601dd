"""Who may do what on the pages: the host everything, visitors what the server's settings let them, and steer their own.

The host is whoever opens the app on the computer that it runs on, where no other server has passed the request on;
everybody else is a visitor, known by a login or by the browser's own word (`visitor`). A run that was started from the
command line is the host's. Pages ask here again when a button was pressed: a browser can press one that is greyed out.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import streamlit as st
from streamlit import config as streamlit_config

from cnngru import escaping, server_settings
from cnngru.config import Config
from cnngru.data import DataError, folder_check, own
from cnngru.runs import engines, index, limits, owners, store
from cnngru.runs.commands import Command
from cnngru.runs.store import Run, RunError
from cnngru.server_settings import CLOSED, Settings, SettingsError
from cnngru.ui import visitor

NOT_YOURS = "Only who has started it can, and whoever sits at the computer that the app runs on."
WATCH = "Here visitors watch and explore. Runs are started at the computer that the app runs on."
LOG_IN = "Log in to start runs: the button is in the sidebar."
UNKNOWN = "This browser has not said yet whose runs it starts. Reload the page; if that does not help, allow cookies."
CLOSED_NOW = "The app is closed: a setting of the server is wrong. Whoever runs it reads which one in the terminal."
STARTING = threading.Lock()  # from looking at the limits until the run is there


def check() -> None:
    """Reads the server's settings; where one is wrong, says so here and in the terminal, and ends the page.

    Call once a script run, before anything else can be done on the page.
    """
    try:
        settings = server_settings.read()
    except SettingsError as error:
        server_settings.say_once(str(error), _in_terminal)
        st.error(escaping.message(str(error)) if visitor.is_here() else CLOSED_NOW)
        st.stop()
    if settings.upload_mb and settings.upload_mb != st.get_option("server.maxUploadSize"):
        streamlit_config.set_option("server.maxUploadSize", settings.upload_mb, "the app's server settings")
    if is_open():
        server_settings.say_once(server_settings.said(settings), _in_terminal)


def _in_terminal(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr)


def settings() -> Settings:
    """The server's settings; nothing is allowed while one is wrong."""
    try:
        return server_settings.read()
    except SettingsError:
        return CLOSED


def is_open() -> bool:
    """Whether the server listens to other computers, too."""
    return server_settings.listens_to_others(st.get_option("server.address"))


def is_host() -> bool:
    """Whether this page is open on the computer that the app runs on."""
    return settings().host == "here" and visitor.is_here()


def may_change(run: Run) -> bool:
    """Whether this browser may steer the run: stop, rename and delete it, and change it while it trains."""
    may = settings().visitors
    if is_host() or may == "all":
        return True
    me = visitor.me()
    return may == "start" and bool(me) and owners.read(run.folder) == me


def why_not_start() -> str | None:
    """Why nobody starts a run, or hands over pictures for one, in this browser; None where one may."""
    if is_host():
        return None
    may = settings().visitors
    if may == "watch":
        return WATCH
    return LOG_IN if may == "start" and visitor.has_login() and not visitor.person() else None


def start(config: Config, name: str | None = None, begin: store.Begin | None = None) -> str:
    """Starts a run that is this browser's from then on, as `Engine.start`. All that pages start goes through here.

    Raises RunError, also where the server's settings do not allow it.
    """
    if is_host():
        started = engines.choose().start(config, name, begin)
        _note_owner(started, visitor.person())
        return started
    if refused := why_not_start() or limits.too_large(config, settings()) or _why_not_pictures(config):
        raise RunError(refused)
    me = visitor.me()
    if not me:
        raise RunError(UNKNOWN)
    with STARTING:
        runs = index.summaries()
        refused = limits.too_many(me, runs, settings()) or limits.no_room(me, runs, store.root(), settings())
        if refused:
            raise RunError(f"{refused} Nothing was started.")
        started = engines.choose().start(capped(config), name, begin)
        _note_owner(started, me)
    return started


def resume(run: Run, first: Command | None = None) -> None:
    """Gives a run without a worker a new one, as `Engine.resume`. Raises RunError, also where that is not allowed."""
    with STARTING:
        refused = None if may_change(run) else NOT_YOURS
        if not refused and not is_host():
            refused = _why_not_go_on(run) or limits.too_many(visitor.me(), index.summaries(), settings())
        if refused:
            raise RunError(f"{refused} Nothing was started.")
        engines.choose().resume(run.name, first)


def _why_not_go_on(run: Run) -> str | None:
    """Why a visitor's run may not be gone on with as it is: it may have been opened from a file."""
    now = run.now
    if capped(now) != now:
        return f"A run may train for {settings().minutes_a_run:g} minutes here, and this one has no such limit."
    return limits.too_large(now, settings()) or _why_not_pictures(now)


def bring(make: Callable[[], str]) -> str:
    """A run that comes from elsewhere, and is this browser's from then on; `make` writes it and returns its name.

    Raises RunError as `make` does, and where there is no room, or it is not allowed here.
    """
    if is_host():
        name, me = make(), visitor.person()
    else:
        me = visitor.me()
        refused = why_not_start() or (None if me else UNKNOWN)
        refused = refused or limits.no_room(me, index.summaries(), store.root(), settings())
        if refused:
            raise RunError(f"{refused} Nothing was opened.")
        name = make()
    _note_owner(name, me)
    return name


def stop(run: Run, force: bool = False) -> None:
    """As `Engine.stop`. Raises RunError, also where the run is not this browser's to stop."""
    if not may_change(run):
        raise RunError(NOT_YOURS)
    engines.choose().stop(run.name, force=force)


def why_not_give(run: Run, command: Command) -> str | None:
    """Why a run cannot be told that from here, None where it can."""
    if not may_change(run):
        return NOT_YOURS
    most = 0.0 if is_host() else settings().minutes_a_run
    if most and command.setting == "training.seconds" and not 0 < (command.value or 0) <= 60 * most:
        return f"A run may train for {60 * most:g} seconds here, and a time limit is from 1 to that."
    return None


def capped(config: Config) -> Config:
    """The config as it is started here: a visitor's run ends after the minutes that one may take."""
    return config if is_host() else limits.capped(config, settings())


def may_name_folders() -> bool:
    """Whether folders of the computer can be named here, some at least."""
    return is_host() or (settings().folders != "host" and why_not_start() is None)


def why_not_folder(path: str) -> str | None:
    """Why a folder may not be named here; the same sentence whether there is one or not."""
    allowed = settings().folders
    if is_host() or allowed == "all":
        return None
    if allowed == "host":
        return "A folder can only be named at the computer that the app runs on: hand the pictures over."
    return None if _is_inside(path, allowed) else f"Only folders inside {allowed} can be named here."


def _is_inside(path: str, root: str) -> bool:
    try:
        return folder_check.place(path).resolve().is_relative_to(folder_check.place(root).resolve())
    except (DataError, OSError, ValueError, RuntimeError):
        return False


def _why_not_pictures(config: Config) -> str | None:
    """Why a run may not have its pictures from there."""
    if config.data.name != "folder":
        return None
    with suppress(DataError):
        if _is_inside(config.data.path, str(own.root())):  # these were handed over
            return None
    return why_not_folder(config.data.path)


def why_not_hand_over() -> str | None:
    """Why no more pictures to train on are kept for this browser; None where they are."""
    most = settings().pictures_gb
    if is_host() or (refused := why_not_start()):
        return None if is_host() else refused
    taken = limits.size(own.root()) / limits.GB
    if not most or taken < most:
        return None
    return (
        f"The pictures that were handed over take {taken:,.1f} GB, and {most:g} GB is what they may take here. Nothing "
        "was kept. Whoever sits at the computer that the app runs on can delete them: Reset, on Home."
    )


def _note_owner(name: str, owner: str) -> None:
    """Notes down whose run it is. Where that fails, or nobody is known, it is the host's."""
    if owner:
        with suppress(OSError):
            owners.write(store.root() / name, owner)


def cookie() -> str:
    """The name of the cookie in which the browser is to keep its word; "" where it needs none or has sent it."""
    return "" if is_host() or visitor.known_word() else visitor.COOKIE
