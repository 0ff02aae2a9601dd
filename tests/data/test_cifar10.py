"""CIFAR-10's ways in: a server on this machine that misbehaves in every way, and the real files where they are.

The archive served is a tiny one of the same shape; torchvision's md5 sums and our sizes are set to its own.

Long, because each way in which a download fails is a test, all on that one server.
"""

import contextlib
import hashlib
import io
import os
import pickle
import stat
import subprocess
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR10

from cnngru import data, places
from cnngru.config import DataConfig
from cnngru.data import DataError, cifar10, download

PICTURES = 20  # in each of the tiny batches


def tiny_files() -> dict[str, bytes]:
    random = np.random.default_rng(0)
    files = {"batches.meta": pickle.dumps({"label_names": list(cifar10.CLASSES)})}
    for name in list(cifar10.SIZES)[1:]:
        pictures = random.integers(0, 256, (PICTURES, 3072), dtype=np.uint8)
        files[name] = pickle.dumps({"data": pictures, "labels": [i % 10 for i in range(PICTURES)]})
    return files


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{cifar10.FOLDER}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """The tiny data set in place of the real one: .files, .archive (bytes), .root (an empty directory)."""
    files = tiny_files()
    archive = packed(files)
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(archive).hexdigest())
    monkeypatch.setattr(CIFAR10, "train_list", [[name, md5[name]] for name, _ in CIFAR10.train_list])
    monkeypatch.setattr(CIFAR10, "test_list", [[name, md5[name]] for name, _ in CIFAR10.test_list])
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": md5["batches.meta"]})
    monkeypatch.setattr(cifar10, "SIZES", {name: len(content) for name, content in files.items()})
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.delenv("CNNGRU_DATA", raising=False)
    monkeypatch.delenv("CNNGRU_CIFAR10_URL", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    return SimpleNamespace(files=files, archive=archive, root=tmp_path / "data")


@pytest.fixture
def server(tiny):
    """Serves /good and several bad answers; .asked lists the paths in the order of the requests."""
    done = threading.Event()
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = {"/wrong": packed({"batches.meta": b"else"}), "/cut": tiny.archive[: len(tiny.archive) // 2]}.get(
                self.path, tiny.archive
            )
            if self.path == "/missing":
                self.send_error(404)
                return
            if self.path == "/once" and asked.count("/once") == 1:
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(tiny.archive) if self.path != "/wrong" else len(body)))
            self.end_headers()
            if self.path == "/stall":
                self.wfile.write(body[:1000])
                done.wait(30)
            elif self.path == "/trickle":
                for start in range(0, len(body), 1000):
                    if done.wait(0.02):
                        return
                    self.wfile.write(body[start : start + 1000])
            else:
                self.wfile.write(body)

        def log_message(self, *args):
            pass

        def handle(self):
            with contextlib.suppress(ConnectionError):  # the client gave us up, as it should
                super().handle()

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield SimpleNamespace(at=lambda path: f"http://127.0.0.1:{running.server_port}{path}", asked=asked)
    done.set()
    running.shutdown()
    thread.join()
    running.server_close()


def place(tiny, **changed: bytes) -> None:
    """Puts the unpacked tiny files into the root, some with other content."""
    folder = tiny.root / cifar10.FOLDER
    folder.mkdir(parents=True)
    for name, content in {**tiny.files, **changed}.items():
        (folder / name).write_bytes(content)


def sources(monkeypatch, server, *paths: str) -> None:
    monkeypatch.setattr(cifar10, "SOURCES", tuple(server.at(path) for path in paths))


def heard(into: list) -> data.OnProgress:
    return lambda done, total, what: into.append((done, total, what))


def load(tiny, progress=None) -> data.Dataset:
    return data.load(DataConfig(path=str(tiny.root)), progress)


def test_a_download_is_unpacked_and_loaded_with_progress(tiny, server, monkeypatch):
    sources(monkeypatch, server, "/good")
    events = []
    assert cifar10.status(str(tiny.root)) == "absent"
    dataset = load(tiny, heard(events))
    assert cifar10.status(str(tiny.root)) == "ready"
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (90, 10, 20)
    assert (len(tiny.archive), len(tiny.archive), "Downloading CIFAR-10 from 127.0.0.1") in events
    assert sorted(p.name for p in tiny.root.iterdir()) == [cifar10.FOLDER, cifar10.ARCHIVE]  # nothing is left behind
    load(tiny)
    assert server.asked == ["/good"]  # the second time needs no server


def test_the_users_mirror_comes_first(tiny, server, monkeypatch):
    sources(monkeypatch, server, "/missing")
    monkeypatch.setenv("CNNGRU_CIFAR10_URL", server.at("/good"))
    cifar10.fetch(str(tiny.root))
    assert server.asked == ["/good"]


def test_a_passing_failure_is_tried_again(tiny, server, monkeypatch):
    sources(monkeypatch, server, "/once")
    cifar10.fetch(str(tiny.root))
    assert server.asked == ["/once", "/once"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("/missing", "answered 404"),
        ("/wrong", "its md5 sum is wrong"),
        ("/cut", "broke off in the middle"),
        ("/stall", "stopped sending"),
        ("/trickle", "sends less than"),
    ],
)
def test_a_bad_source_is_told_and_the_next_one_used(tiny, server, monkeypatch, bad, said):
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    if bad == "/stall":
        monkeypatch.setattr(download, "TIMEOUT", (2.0, 0.3))
    if bad == "/trickle":  # 50 kB a second are sent; 400 are asked for
        monkeypatch.setattr(download, "SLOW_BYTES", 400_000)
        monkeypatch.setattr(download, "SLOW_SECONDS", 0.3)
    sources(monkeypatch, server, bad, "/good")
    events = []
    dataset = load(tiny, heard(events))
    assert len(dataset.train) == 90
    assert server.asked == [bad, "/good"]
    assert any(said in what for _, _, what in events)


def test_when_every_source_fails_one_message_says_all_and_the_way_by_hand(tiny, server, monkeypatch):
    sources(monkeypatch, server, "/missing", "/wrong")
    monkeypatch.setenv("CNNGRU_CIFAR10_URL", "no-address")
    with pytest.raises(DataError) as error:
        load(tiny)
    message = str(error.value)
    for part in ("no-address", "answered 404", "md5 sum is wrong", CIFAR10.tgz_md5, cifar10.ARCHIVE, str(tiny.root)):
        assert part in message
    assert cifar10.status(str(tiny.root)) == "absent"
    assert list(tiny.root.iterdir()) == []


def test_an_archive_put_there_by_hand_is_enough(tiny, monkeypatch):
    monkeypatch.setattr(cifar10, "SOURCES", ())
    tiny.root.mkdir()
    (tiny.root / cifar10.ARCHIVE).write_bytes(tiny.archive)
    assert len(load(tiny).test) == 20


def test_a_damaged_archive_is_told_and_fetched_again(tiny, server, monkeypatch):
    sources(monkeypatch, server, "/good")
    tiny.root.mkdir()
    (tiny.root / cifar10.ARCHIVE).write_bytes(tiny.archive[:-100])
    events = []
    assert len(load(tiny, heard(events)).test) == 20
    assert any("is damaged; downloading it again" in what for _, _, what in events)
    assert (tiny.root / cifar10.ARCHIVE).read_bytes() == tiny.archive


def test_a_damaged_batch_of_the_right_size_is_fetched_again_and_never_used(tiny, server, monkeypatch):
    sources(monkeypatch, server, "/good")
    good = tiny.files["data_batch_3"]
    place(tiny, data_batch_3=good[:500] + bytes([good[500] ^ 255]) + good[501:])
    assert cifar10.status(str(tiny.root)) == "ready"  # by its size; the md5 sum knows better
    events = []
    load(tiny, heard(events))
    assert any("are damaged" in what for _, _, what in events)
    assert (tiny.root / cifar10.FOLDER / "data_batch_3").read_bytes() == good


@pytest.mark.parametrize("name", ["data_batch_2", "test_batch", "batches.meta"])
def test_a_missing_or_short_file_is_damage(tiny, server, monkeypatch, name):
    sources(monkeypatch, server, "/good")
    place(tiny, **{name: tiny.files[name][:-1]})
    assert cifar10.status(str(tiny.root)) == "damaged"
    (tiny.root / cifar10.FOLDER / name).unlink()
    assert cifar10.status(str(tiny.root)) == "damaged"
    load(tiny)
    assert cifar10.status(str(tiny.root)) == "ready"


def test_an_unpacking_cut_short_never_looks_ready(tiny, monkeypatch):
    tiny.root.mkdir()
    (tiny.root / cifar10.ARCHIVE).write_bytes(tiny.archive)
    moves = []

    def replace_then_die(source, target):
        if len(moves) == 3:
            raise KeyboardInterrupt
        moves.append(os.rename(source, target))

    monkeypatch.setattr(os, "replace", replace_then_die)
    with pytest.raises(KeyboardInterrupt):
        cifar10.fetch(str(tiny.root))
    assert cifar10.status(str(tiny.root)) == "damaged"
    monkeypatch.undo()


def test_nothing_in_an_archive_leads_elsewhere(tiny, monkeypatch):
    """Files that are not wanted are not written, wherever their names point; nor is what is no file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../outside"))
        for name in cifar10.SIZES:
            directory = tarfile.TarInfo(f"{cifar10.FOLDER}/{name}")
            directory.type = tarfile.DIRTYPE
            tar.addfile(directory)
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(buffer.getvalue()).hexdigest())
    tiny.root.mkdir()
    (tiny.root / cifar10.ARCHIVE).write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match="is no file"):
        cifar10.fetch(str(tiny.root))
    assert not (tiny.root.parent / "outside").exists()
    assert cifar10.status(str(tiny.root)) == "absent"


def test_data_that_is_there_is_never_written_to(tiny, monkeypatch):
    place(tiny)
    for name in ("mkdir", "replace"):
        monkeypatch.setattr(os, name, lambda *args, **kwargs: pytest.fail("it was written to"))
    paths = [tiny.root, *tiny.root.rglob("*")]
    before = [path.stat().st_mtime_ns for path in paths]
    for path in paths:
        path.chmod(path.stat().st_mode & ~stat.S_IWUSR & ~stat.S_IWGRP & ~stat.S_IWOTH)
    try:
        assert len(load(tiny).train) == 90
        assert cifar10.fetch(str(tiny.root)) == tiny.root
    finally:
        for path in paths:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_a_directory_that_cannot_be_written_is_a_plain_message(tiny):
    tiny.root.write_bytes(b"a file where the directory should be")
    with pytest.raises(DataError, match="could not be written to"):
        load(tiny)


def test_whoever_listens_can_stop_the_download(tiny, server, monkeypatch):
    class Stop(Exception):
        pass

    def stop(done, total, what):
        raise Stop

    sources(monkeypatch, server, "/good")
    with pytest.raises(Stop):
        load(tiny, stop)
    assert cifar10.status(str(tiny.root)) == "absent"


def test_the_split_is_seeded_stratified_and_takes_only_from_the_training_files(tiny):
    place(tiny)
    config = DataConfig(path=str(tiny.root), validation=0.2)
    first, again, other = (
        data.load(c) for c in (config, config, DataConfig(path=str(tiny.root), validation=0.2, seed=1))
    )
    assert torch.equal(first.train.images, again.train.images)
    assert not torch.equal(first.validation.images, other.validation.images)
    assert first.validation.labels.bincount().tolist() == [2] * 10
    assert first.train.labels.bincount().tolist() == [8] * 10
    for split in (first.train, first.validation, first.test):
        assert (split.images.dtype, split.labels.dtype, split.images.is_contiguous()) == (
            torch.uint8,
            torch.uint8,
            True,
        )
    pool = {p.numpy().tobytes() for part in (first.train, first.validation) for p in part.images}
    stored = [pickle.loads(tiny.files[f"data_batch_{i}"])["data"] for i in range(1, 6)]
    assert pool == {picture.tobytes() for batch in stored for picture in batch}  # rows, columns and channels in place
    held = pickle.loads(tiny.files["test_batch"])["data"]
    assert np.array_equal(first.test.images.numpy().reshape(-1, 3072), held)


def test_fewer_pictures_limit_the_training_part_only(tiny):
    place(tiny)
    dataset = data.load(DataConfig(path=str(tiny.root), pictures=50))
    assert len(dataset.train) + len(dataset.validation) == 50
    assert len(dataset.validation) >= 5
    assert len(dataset.test) == 20


def test_the_directory_is_found_in_order(monkeypatch):
    monkeypatch.setenv("CNNGRU_DATA", "/somewhere")
    assert str(cifar10.root("/named")) == "/named"
    assert str(cifar10.root()) == "/somewhere"
    monkeypatch.delenv("CNNGRU_DATA")
    assert cifar10.root() == places.HOME / "data"


def test_status_costs_no_torch():
    code = "import sys; from cnngru.data import cifar10; cifar10.status(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.cifar10
def test_the_real_pictures():
    dataset = data.load(DataConfig())
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (45_000, 5_000, 10_000)
    assert dataset.train.labels.bincount().tolist() == [4_500] * 10
    assert dataset.test.labels[:4].tolist() == [3, 8, 8, 0]  # cat, ship, ship, airplane
    mean = dataset.train.images.float().mean((0, 2, 3)) / 255
    assert (mean - torch.tensor([0.4914, 0.4822, 0.4465])).abs().max() < 0.002


@pytest.mark.parametrize("named", ["{root}/{folder}", "{root}/{folder}/", "{root}/{archive}", "{root}", "."])
@pytest.mark.parametrize("variable", [False, True])
def test_the_directory_of_the_files_itself_is_found(tiny, monkeypatch, named, variable):
    place(tiny)
    monkeypatch.chdir(tiny.root / cifar10.FOLDER)
    path = named.format(root=tiny.root, folder=cifar10.FOLDER, archive=cifar10.ARCHIVE)
    if variable:
        monkeypatch.setenv("CNNGRU_DATA", path)
        path = ""
    assert cifar10.status(path) == "ready"
    assert cifar10.fetch(path) == tiny.root
    assert len(data.load(DataConfig(path=path)).test) == PICTURES
    assert not (tiny.root / cifar10.FOLDER / cifar10.FOLDER).exists()


def test_files_that_lie_one_folder_deeper_are_found_there(tiny):
    """As a download into cifar-10-batches-py has left them."""
    tiny.root = tiny.root / cifar10.FOLDER
    tiny.root.mkdir(parents=True)
    place(tiny)
    assert cifar10.status(str(tiny.root)) == "ready"


def test_the_home_of_nobody_is_told_and_never_made(tiny, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for path in ("~nosuchuser/x", ""):
        monkeypatch.setenv("CNNGRU_DATA", "~nosuchuser/x")
        assert cifar10.status(path) == "unreadable"
        assert "no user of that name" in cifar10.unreadable(path)
        assert ("CNNGRU_DATA" in cifar10.unreadable(path)) == (not path)
        for call in (cifar10.root, cifar10.fetch, lambda path: data.load(DataConfig(path=path))):
            with pytest.raises(DataError, match="~nosuchuser/x"):
                call(path)
        assert cifar10.read_test(path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_is_the_home(tiny, monkeypatch):
    place(tiny)
    monkeypatch.setenv("HOME", str(tiny.root.parent))
    monkeypatch.setenv("USERPROFILE", str(tiny.root.parent))
    assert cifar10.status("~/data") == "ready"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions as POSIX has them")
@pytest.mark.parametrize("closed", ["", cifar10.FOLDER, f"{cifar10.FOLDER}/test_batch"])
def test_what_one_may_not_read_is_told(tiny, closed):
    """In a process that is not root's, to whom nothing is closed."""
    place(tiny)
    for folder in (tiny.root, *tiny.root.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    (tiny.root / closed).chmod(0)
    child = os.fork()
    if not child:
        code = 1
        with contextlib.suppress(BaseException):
            if os.geteuid() == 0:
                os.setuid(65534)
            assert cifar10.status(str(tiny.root)) == "unreadable"
            assert "Permission denied" in cifar10.unreadable(str(tiny.root))
            assert cifar10.read_test(str(tiny.root)) is None
            with pytest.raises(DataError, match="Permission denied"):
                cifar10.fetch(str(tiny.root))
            code = 0
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    (tiny.root / closed).chmod(0o755)
    assert cifar10.status(str(tiny.root)) == "ready"
