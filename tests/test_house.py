"""The rules of the house: which room may import which, and what must stay out of the way of a quick start.

Imports are read from the source, those inside functions too. What is loaded at import time is asked of a fresh Python.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
MEGABYTE = 1_000_000

# Room -> the rooms that it may import. "cnngru" is the public surface (cnngru/__init__.py).
LIBRARY = {
    "places",
    "escaping",
    "cells",
    "names",
    "schema",
    "config",
    "presets",
    "bands",
    "pictures",
    "data",
    "nn",
    "checkpoint",
    "explain",
    "training",
    "predict",
}
ROOMS: dict[str, set[str]] = {
    "places": set(),
    "cells": set(),
    "server_settings": {"places"},
    "names": {"cells", "escaping"},
    "schema": set(),
    "config": {"cells", "schema"},
    "presets": {"config", "schema"},
    "escaping": set(),
    "bands": {"config"},
    "pictures": {"config"},
    "data": {"places", "pictures", "config"},
    "nn": {"cells", "bands", "config"},
    "checkpoint": {"places", "nn", "bands", "config", "schema"},
    "explain": {"nn", "cells", "bands", "config"},
    "training": {"nn", "data", "config", "schema"},
    "predict": {"nn", "config"},
    "export": {"explain", "training", "nn", "data", "cells", "config"},
    "figures": {"config", "explain", "bands", "escaping"},
    "runs": {
        "server_settings",
        "places",
        "schema",
        "presets",
        "training",
        "explain",
        "checkpoint",
        "nn",
        "data",
        "config",
    },
    "comparison": {"runs", "presets", "names", "cells", "config"},
    "cnngru": LIBRARY,
    "ui": LIBRARY | {"server_settings", "export", "figures", "comparison", "runs", "cnngru"},
    "cli": LIBRARY | {"server_settings", "export", "comparison", "runs", "cnngru"},
    "__main__": {"cli"},
    "pages": LIBRARY | {"figures", "comparison", "runs", "cnngru", "ui"},
}

SOURCES = sorted(
    path
    for top in ("streamlit_app.py", "pages/**/*.py", "cnngru/**/*.py", "benchmarks/**/*.py")
    for path in PROJECT.glob(top)
)


def module_name(path: Path) -> str:
    """cnngru/runs/store.py -> cnngru.runs.store; a package's __init__.py -> the package."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path) for path in SOURCES}


def imports(path: Path, top_level_only: bool = False) -> set[str]:
    """All that the file imports, as absolute names; `from a import b` counts as a.b where that is a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    found = set()
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                found.add(name if name in MODULES else base)
    return found


def room(module: str) -> str | None:
    """The room of a module of the project; None for a library's."""
    parts = module.split(".")
    if parts[0] == "cnngru":
        return parts[1] if len(parts) > 1 else "cnngru"
    return "pages" if parts[0] in ("pages", "streamlit_app") else None


def draws_on_a_page(path: Path) -> bool:
    return module_name(path).startswith(("streamlit_app", "pages", "cnngru.ui"))


def file_id(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def loads(modules: set[str], unwanted: str) -> str:
    """The first of `modules` that brings `unwanted` in when a fresh Python imports them in turn, "" if none does."""
    check = (
        "import sys, importlib\n"
        f"for name in {sorted(modules)}:\n"
        "    importlib.import_module(name)\n"
        f"    if {unwanted!r} in sys.modules: print(name), sys.exit()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", check], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("path", SOURCES, ids=file_id)
def test_imports_run_downwards(path: Path) -> None:
    own = room(module_name(path))
    if own is None:  # benchmarks may use everything
        return
    assert own in ROOMS, f"{own} is a new room: say in ROOMS what it may import"
    used = {room(module) for module in imports(path)} - {own, None}
    assert used <= ROOMS[own], f"{file_id(path)} must not import {sorted(map(str, used - ROOMS[own]))}"


LIBRARY_FILES = [p for p in SOURCES if not draws_on_a_page(p) and not file_id(p).startswith("benchmarks/")]


@pytest.mark.parametrize("path", LIBRARY_FILES, ids=file_id)
def test_only_pages_and_ui_import_streamlit(path: Path) -> None:
    assert "streamlit" not in {module.split(".")[0] for module in imports(path)}


@pytest.mark.parametrize("path", sorted(PROJECT.glob("cnngru/figures/*.py")), ids=file_id)
def test_figures_are_pure(path: Path) -> None:
    used = {module.split(".")[0] for module in imports(path)}
    assert not used & {"streamlit", "torch"}
    assert not loads({module_name(path)}, "streamlit")


def test_the_train_page_draws_itself_without_torch() -> None:
    pages = [PROJECT / "streamlit_app.py", PROJECT / "pages/home.py", PROJECT / "pages/train.py"]
    needed = set().union(*(imports(page, top_level_only=True) for page in pages)) & MODULES
    assert needed, "the pages import nothing of cnngru: has the test gone blind?"
    assert not loads(needed | {"cnngru", "cnngru.runs.store", "cnngru.runs.engines", "cnngru.__main__"}, "torch")


def test_ray_is_loaded_when_a_cluster_is_asked_and_not_before() -> None:
    assert not loads({"cnngru.__main__", "cnngru.cli", "cnngru.runs.engines", "cnngru.runs.worker"}, "ray")
    importing = {module_name(path) for path in SOURCES if "ray" in {name.split(".")[0] for name in imports(path)}}
    assert importing <= {"cnngru.runs.ray_client"}


def test_the_library_does_not_load_streamlit() -> None:
    assert not loads({"cnngru", "cnngru.runs.store", "cnngru.training.loop", "cnngru.predict"}, "streamlit")


@pytest.mark.parametrize("path", [p for p in SOURCES if module_name(p).startswith("pages")], ids=file_id)
def test_pages_import_no_page_and_no_torch(path: Path) -> None:
    used = imports(path)
    assert not {module for module in used if module.split(".")[0] in ("pages", "streamlit_app")}
    assert "torch" not in {module.split(".")[0] for module in used}


PAGES = {path.stem for path in PROJECT.glob("pages/*.py")}


@pytest.mark.parametrize("path", [p for p in SOURCES if module_name(p).startswith("cnngru.ui.")], ids=file_id)
def test_a_pages_folder_imports_no_other_pages(path: Path) -> None:
    """What two pages share lies loose in ui/, and knows none of their folders."""
    own = module_name(path).split(".")[2]
    folders = {name.split(".")[2] for name in imports(path) if name.startswith("cnngru.ui.")} & PAGES
    assert folders <= ({own} & PAGES)


def test_imports_between_rooms_make_no_circle() -> None:
    left = {name: set(used) for name, used in ROOMS.items()}
    while left:
        free = {name for name, used in left.items() if not used & set(left)}
        assert free, f"in a circle: {sorted(left)}"
        left = {name: used for name, used in left.items() if name not in free}


EVERY_FILE = sorted({*SOURCES, *PROJECT.glob("tests/**/*.py"), *PROJECT.glob("examples/*.py")})


@pytest.mark.parametrize("path", EVERY_FILE, ids=file_id)
def test_a_long_file_says_why(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 250 or "Long, because" in (ast.get_docstring(ast.parse(text)) or "")


def test_shipped_checkpoints_stay_small() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "checkpoints"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    files = [PROJECT / name for name in listed.split("\0") if name]
    assert sum(file.stat().st_size for file in files if file.exists()) <= 25 * MEGABYTE
