"""`python tests/without_posix.py SCRIPT …` runs a script as nearly as Windows would, on a system that is not Windows.

What only POSIX has is taken away, and file locks are those of Windows: `msvcrt`, made here of the real thing. It stands
for a machine that these tests do not have; the GitHub workflow has one.
"""

import contextlib
import importlib
import os
import pkgutil
import runpy
import shutil
import signal
import subprocess  # noqa: F401  with tempfile: before `msvcrt` is there, by which they know Windows
import sys
import tempfile  # noqa: F401
import types

MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog")
OF_OS = (
    *("killpg", "setsid", "setpgid", "getpgid", "getpgrp", "fork", "forkpty", "getuid", "geteuid", "getgid"),
    *("mkfifo", "pread", "pwrite", "nice", "wait", "fchmod", "fchown", "chown", "sysconf", "sched_getaffinity"),
    *("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_SYNC", "O_DIRECTORY"),
)
OF_SIGNAL = ("SIGKILL", "SIGSTOP", "SIGCONT", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGCHLD", "alarm", "setitimer", "pause")


def import_everything() -> list[str]:
    """Imports all modules of the package and returns their names."""
    import cnngru

    names = [module.name for module in pkgutil.walk_packages(cnngru.__path__, "cnngru.")]
    for name in names:
        importlib.import_module(name)
    return names


def forget_the_package() -> None:
    """So that its modules are imported anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "cnngru"]:
        del sys.modules[name]


def take_away() -> None:
    with contextlib.suppress(ImportError):  # on Windows there is nothing to take away
        import fcntl

        sys.modules["msvcrt"] = _windows_locks(fcntl.flock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    shutil._use_fd_functions = False  # or it would miss O_NONBLOCK
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in ((os, OF_OS), (signal, OF_SIGNAL)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)


def _windows_locks(flock: types.FunctionType, exclusive: int) -> types.ModuleType:
    """As `msvcrt`: a lock of the bytes at the file's position, which is given to one at a time, also to look."""
    made = types.ModuleType("msvcrt")

    def locking(descriptor: int, mode: int, n: int) -> None:
        assert (mode, n) == (made.LK_NBLCK, 1)
        assert os.lseek(descriptor, 0, os.SEEK_CUR) > 1_000_000, "nobody else could read what is locked"
        try:
            flock(descriptor, exclusive)
        except BlockingIOError as error:
            raise PermissionError(13, "Permission denied") from error

    made.LK_NBLCK, made.locking = 2, locking  # type: ignore[attr-defined]
    return made


if __name__ == "__main__":
    take_away()
    del sys.argv[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
    runpy.run_path(sys.argv[0], run_name="__main__")
