"""Any interleaving of what happens to runs, to the index and to its readers: it says what the folders say."""

import os
import shutil
import tempfile
import time
from pathlib import Path
from unittest import mock

import unstarted
from glances import listed, whole
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs import commands, digest, index, labels, liveness, log, store, titles
from cnngru.runs.run import CONFIG

QUICK = preset("quick", "rowcue")
DOES = ("pause", "resume", "step", "set", "slow")
EVENTS = [
    *({"kind": "command", "number": number, "step": 1, "do": do} for number, do in enumerate(DOES)),
    *unstarted.EVENTS,
]
TEXTS = st.sampled_from(["", "one", "two", "<b>", "\u202e", "line\nline"])
NAMES = st.sampled_from(["a", "b", "c-2"])


class Interleaved(RuleBasedStateMachine):
    """Runs come, go on, are noted on, damaged, deleted and brought back, and so is the index; somebody always looks."""

    @initialize()
    def begin(self):
        self.place = Path(tempfile.mkdtemp())
        self.patches = [
            mock.patch.dict(os.environ, {"CNNGRU_CHECKPOINTS": str(self.place / "runs")}),
            mock.patch.object(index, "WORTH", 1),
        ]
        for patch in self.patches:
            patch.start()
        (self.place / "runs").mkdir()
        self.held, self.aside = {}, []
        index.forget()

    @property
    def root(self):
        return self.place / "runs"

    @rule(name=NAMES, seed=st.integers(0, 3))
    def create(self, name, seed):
        if not (self.root / name).exists():
            unstarted.create(override(QUICK, "training.seed", seed), name)

    @rule(name=NAMES, event=st.sampled_from(EVENTS), times=st.integers(1, 3))
    def go_on(self, name, event, times):
        if (self.root / name / log.FILE).is_file():
            for _ in range(times):
                log.append(self.root / name, event)

    @rule(name=NAMES, do=st.sampled_from(["pause", "resume", "stop"]))
    def give(self, name, do):
        if (self.root / name).is_dir():
            commands.give(self.root / name, commands.Command(do))

    @rule(name=NAMES, text=TEXTS)
    def call(self, name, text):
        if (self.root / name / CONFIG).is_file() and store.find(name):
            store.call(name, text)

    @rule(name=NAMES, note=TEXTS, pinned=st.booleans())
    def note(self, name, note, pinned):
        if store.find(name):
            labels.give(name, note=note, tags=note.split(), pinned=pinned)

    @rule(name=NAMES)
    def take_or_leave(self, name):
        if name in self.held:
            os.close(self.held.pop(name))
        elif store.find(name) and (descriptor := liveness.take(self.root / name)) is not None:
            self.held[name] = descriptor

    @rule(name=NAMES, file=st.sampled_from([CONFIG, log.FILE, titles.FILE, labels.FILE]), data=st.binary(max_size=20))
    def damage(self, name, file, data):
        if (self.root / name).is_dir():
            (self.root / name / file).write_bytes(data)

    @rule(name=NAMES, data=st.sampled_from([b'{"kind": "finis', b'hed", "step": 1}\n', b"\n", b"[]\n", b"\xff\r\n"]))
    def tear(self, name, data):
        if (self.root / name / log.FILE).is_file():
            with (self.root / name / log.FILE).open("ab") as file:
                file.write(data)

    @rule(name=NAMES)
    def mend_config(self, name):
        if (self.root / name).is_dir():
            (self.root / name / CONFIG).write_text(QUICK.to_json())

    @rule(name=NAMES, other=NAMES)
    def copy_log(self, name, other):
        if name != other and (self.root / name / log.FILE).is_file() and (self.root / other).is_dir():
            shutil.copy2(self.root / name / log.FILE, self.root / other / log.FILE)

    @rule(name=NAMES)
    def delete(self, name):
        if (run := store.find(name)) and not run.live:
            self.aside.append(store.put_aside(name))

    @rule()
    def bring_back(self):
        if self.aside and not (self.root / self.aside[-1].split("-", 1)[1].rpartition("-")[0]).exists():
            store.bring_back(self.aside.pop())

    @rule()
    def rest(self):
        time.sleep(1.5 * digest.COARSE / 1e9)  # now what was written is sure, and goes into the index

    @rule()
    def lose_the_index(self):
        (self.root / index.FILE).unlink(missing_ok=True)
        index.forget()

    @rule()
    def new_process(self):
        index.forget()

    @rule(at=st.integers(0, 5000), data=st.binary(max_size=5))
    def damage_the_index(self, at, data):
        if (self.root / index.FILE).is_file():
            lines = (self.root / index.FILE).read_bytes()
            (self.root / index.FILE).write_bytes(lines[: at % (len(lines) + 1)] + data)
        index.forget()

    @invariant()
    def says_what_the_folders_say(self):
        if hasattr(self, "place"):
            log._known.clear()
            assert listed() == whole()

    def teardown(self):
        for descriptor in getattr(self, "held", {}).values():
            os.close(descriptor)
        for patch in reversed(getattr(self, "patches", [])):
            patch.stop()
        if hasattr(self, "place"):
            shutil.rmtree(self.place)


Interleaved.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestInterleaved = Interleaved.TestCase
