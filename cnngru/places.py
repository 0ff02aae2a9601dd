"""Where things lie: the app's own files, the trained networks that come along, a person's runs and data sets.

In a clone everything lies beside the package. Where pip installed it, the app and the networks lie inside the package,
in `installed/`, and what a person makes goes to their own data folder. Knows nothing of what is in these folders.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
IN_CLONE = (PACKAGE.parent / "streamlit_app.py").is_file()
HOME = PACKAGE.parent if IN_CLONE else PACKAGE / "installed"
APP = HOME / "streamlit_app.py"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")  # of a run
SHIPPED = HOME / "checkpoints"  # in a clone a person's own runs lie there, too
NETWORKS = (  # the runs that come along: where pages begin, and what nobody deletes on a page
    "cifar10-best",
    "cifar10-quick-gru",
    "cifar10-quick-lstm",
    "cifar10-quick-none",
    "rowcue-quick",
    "cifar10-best-shuffled",
    "cifar10-quick-shuffled",
    "cifar10-quick-lstm-shuffled",
    "rowcue-quick-shuffled",
)


def runs() -> Path:
    """The folder of all runs: $CNNGRU_CHECKPOINTS, else `checkpoints` in the clone or the person's data folder.

    Raises RuntimeError where the variable says ~NAME and there is no such user.
    """
    named = os.environ.get("CNNGRU_CHECKPOINTS")
    return Path(named).expanduser() if named else own() / "checkpoints"


def checkpoint(text: str | os.PathLike[str]) -> Path:
    """Where a checkpoint is: a path that there is, else the folder of the run of that name, else the path all the same.

    Only a plain name is looked for among the runs, no way out of their folder.
    """
    path, name = Path(text), os.fspath(text).rstrip("/" + os.sep)  # a shell may have completed it as a folder
    with suppress(RuntimeError):  # no folder of runs, so none of that name
        if not path.exists() and NAME.fullmatch(name):
            return next((place / name for place in (runs(), SHIPPED) if (place / name).is_dir()), path)
    return path


def own() -> Path:
    """The folder for what a person makes or downloads, where nothing else is named."""
    if IN_CLONE:
        return HOME
    import platformdirs

    return platformdirs.user_data_path("cnngru")


def bring_networks() -> None:
    """Where pip installed the package: copies the trained networks to the folder of all runs, if there is none yet."""
    if IN_CLONE or os.environ.get("CNNGRU_CHECKPOINTS") or runs().exists():
        return
    beside = runs().with_name(f".networks-{os.getpid()}")
    shutil.copytree(SHIPPED, beside)
    try:
        os.replace(beside, runs())
    except OSError:  # somebody else was quicker
        shutil.rmtree(beside, ignore_errors=True)
