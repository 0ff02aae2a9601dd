"""What some systems cannot do: marks that skip a test there, with the reason."""

import os
import sys

import pytest

WINDOWS = sys.platform == "win32"
needs_signals = pytest.mark.skipif(not hasattr(os, "killpg"), reason="sends POSIX signals")
needs_links = pytest.mark.skipif(WINDOWS, reason="makes symbolic links, for which Windows wants rights")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a named pipe")
needs_renaming = pytest.mark.skipif(WINDOWS, reason="renames a folder with an open file, which Windows refuses")
