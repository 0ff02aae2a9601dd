"""A training that is left and gone on with: to the bit as if it had never been left, changed in flight, or continued
with other settings.

Long, because each place where it can be left, and each thing that can change, is a test on the same training.
"""

import contextlib
import copy
import dataclasses

import pytest
import torch
from test_loop import CONFIG, DATASET

from cnngru.config import Config, ConfigError, override
from cnngru.training import state as states
from cnngru.training.between import Next
from cnngru.training.events import Finished, Progress, Started, Testing, Validated, to_dict
from cnngru.training.loop import fit
from cnngru.training.state import State, StateError

TIMES = ("seconds", "seconds_left", "images_per_second")
SMALL = dataclasses.replace(CONFIG, data=dataclasses.replace(CONFIG.data, flip=True, shift=1, cutout=3))


class Left(Exception):
    """The training was left."""


def told(event):
    """An event without what differs from one time to the next."""
    return {key: value for key, value in to_dict(event).items() if key not in TIMES}


def undisturbed(config):
    events = list(fit(config, DATASET))
    return events, events[0].model.state_dict()


def leave_at(config, moment, dataset=DATASET, state=None):
    """Trains until `between` is asked for the `moment`-th time: the events so far, and the state, through bytes."""
    asked, kept = 0, []
    events = []

    def between(step, capture):
        nonlocal asked
        asked += 1
        if asked == moment:
            kept.append(states.to_bytes(capture(), {"at": moment}))
            raise Left

    with contextlib.suppress(Left):
        events.extend(fit(config, dataset, state, between))
    taken, note = states.from_bytes(kept[0])
    assert note == {"at": moment}
    return events, taken


def same_weights(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


# Before the first step, in an epoch's middle, at its last step, while it is validated, and in the test (3 × 10 steps
# with a batch of pictures to validate on after each ten; then 90 test pictures).
@pytest.mark.parametrize("moment", [1, 2, 7, 10, 11, 12, 17, 33, 34])
@pytest.mark.parametrize("optimizer", ["muon", "adamw", "adam"])
def test_it_goes_on_to_the_bit_wherever_it_was_left(moment, optimizer):
    config = override(SMALL, "training.optimizer", optimizer)
    if optimizer == "muon":
        config = override(config, "model.layers", 2)
    whole, weights = undisturbed(config)
    before, taken = leave_at(config, moment)
    after = list(fit(config, DATASET, taken))
    joined = [*map(told, before), *map(told, after[1:])]
    if moment > 33:  # left within the test, which is looked at anew
        joined = [event for event in joined if event["kind"] != "testing"]
        assert joined == [told(event) for event in whole if not isinstance(event, Testing)]
    else:
        assert joined == [told(event) for event in whole]
    assert isinstance(after[0], Started)
    assert same_weights(after[0].model.state_dict(), weights)
    assert torch.equal(after[-1].probabilities, whole[-1].probabilities)


def test_it_can_be_left_again_and_again():
    whole, weights = undisturbed(SMALL)
    joined, taken = [], None
    for _ in range(5):
        before, taken = leave_at(SMALL, 6, state=taken)
        joined += map(told, before[1:])
    after = list(fit(SMALL, DATASET, taken))
    assert joined + [told(event) for event in after[1:]] == [told(event) for event in whole[1:]]
    assert same_weights(after[0].model.state_dict(), weights)


def test_seconds_go_on_and_the_state_does_not_grow_with_the_pictures():
    _, taken = leave_at(SMALL, 15)
    assert taken.counters.seconds > 0
    after = [event for event in fit(SMALL, DATASET, taken) if isinstance(event, Progress)]
    assert after[0].seconds > taken.counters.seconds
    kept = len(states.to_bytes(taken))
    weights = sum(tensor.nbytes for name, tensor in taken.tensors.items() if not name.startswith("random"))
    assert kept - weights < 40_000  # two generators and the names


def changing(at, settings):
    """A `between` that changes settings before a step."""

    def between(step, capture):
        nonlocal now
        if step == at:
            for setting, value in settings.items():
                now = override(now, setting, value)
            return Next(now)
        return None

    now = SMALL
    return between


def test_a_learning_rate_that_is_changed_holds_from_the_next_step_on():
    plain = [event for event in fit(SMALL, DATASET) if isinstance(event, Progress)]
    lower = changing(12, {"training.learning_rate": SMALL.training.learning_rate / 4})
    events = [event for event in fit(SMALL, DATASET, None, lower) if isinstance(event, Progress)]
    ratios = [one.learning_rate / other.learning_rate for one, other in zip(events, plain, strict=True)]
    assert ratios == [1.0] * 12 + [0.25] * 18
    assert [event.loss for event in events[:13]] == [event.loss for event in plain[:13]]
    assert events[13].loss != plain[13].loss


@pytest.mark.parametrize(
    ("setting", "value"), [("training.label_smoothing", 0.0), ("data.shift", 4), ("data.cutout", 12)]
)
def test_what_is_changed_in_flight_acts_at_once_and_is_in_the_state(setting, value):
    plain = [event.loss for event in fit(SMALL, DATASET) if isinstance(event, Progress)]
    between = changing(5, {setting: value})
    taken = []

    def watched(step, capture):
        if step == 15 and not taken:
            taken.append(states.from_bytes(states.to_bytes(capture()))[0])
        return between(step, capture)

    events = list(fit(SMALL, DATASET, None, watched))
    losses = [event.loss for event in events if isinstance(event, Progress)]
    assert losses[:5] == plain[:5]
    assert losses[5] != plain[5]
    after = [event.loss for event in fit(SMALL, DATASET, taken[0]) if isinstance(event, Progress)]
    assert after == losses[15:]


def test_epochs_that_are_changed_in_flight_make_it_longer_or_end_it_at_once():
    longer = list(fit(SMALL, DATASET, None, changing(5, {"training.epochs": 5})))
    assert longer[-1].step == 50
    assert [event.epoch for event in longer if isinstance(event, Validated)] == [1, 2, 3, 4, 5]
    shorter = list(fit(SMALL, DATASET, None, changing(15, {"training.epochs": 1})))
    assert shorter[-1].step == 15
    assert [event.epoch for event in shorter if isinstance(event, Validated)] == [1, 1.5]
    assert isinstance(shorter[-1], Finished)


def test_steps_that_are_told_out_of_turn_change_nothing_in_what_is_told_in_turn(monkeypatch):
    monkeypatch.setattr("cnngru.training.epoch.REPORTS", 10)  # each third step, and an epoch's first and last
    plain = [told(event) for event in fit(SMALL, DATASET)]
    steps = [event["step"] for event in plain if event["kind"] == "progress"]
    assert steps[:6] == [1, 3, 6, 9, 10, 12]
    events = [told(event) for event in fit(SMALL, DATASET, None, lambda step, capture: Next(tell=step in (3, 4)))]
    extra = [event["step"] for event in events if event not in plain]
    assert extra == [4, 5]
    assert [event for event in events if event.get("step") not in (4, 5)] == plain


def test_what_cannot_be_changed_in_flight_is_refused():
    with pytest.raises(ConfigError, match=r"training\.batch cannot be changed while the run trains"):
        list(fit(SMALL, DATASET, None, changing(5, {"training.batch": 20})))


def test_it_ends_when_the_time_is_up_and_the_schedule_knows(monkeypatch):
    """The clock goes one second a look, two looks a step."""
    clock = iter(range(10_000))
    monkeypatch.setattr("cnngru.training.epoch.time.perf_counter", lambda: next(clock))
    events = list(fit(override(SMALL, "training.seconds", 15), DATASET))
    steps = [event for event in events if isinstance(event, Progress)]
    assert [event.seconds for event in steps] == list(range(1, 16))
    assert steps[-1].seconds_left == 0
    top = max(steps, key=lambda event: event.learning_rate)
    assert top.step == 4  # the schedule rises for a fifth of the time: 3 of 15 seconds
    assert steps[-1].learning_rate < 0.1 * top.learning_rate
    assert [event.epoch for event in events if isinstance(event, Validated)] == [1, 1.5]
    assert events[-1].ended_by == "seconds"


def test_it_ends_when_it_is_good_enough():
    events = list(fit(override(SMALL, "training.until_accuracy", 0.5), DATASET))
    found = [event.accuracy for event in events if isinstance(event, Validated)]
    assert all(accuracy < 0.5 for accuracy in found[:-1])
    assert found[-1] >= 0.5
    assert events[-1].ended_by == "accuracy"


def test_it_ends_when_it_gets_no_better():
    still = override(override(SMALL, "training.learning_rate", 1e-7), "training.optimizer", "adam")
    events = list(fit(override(override(still, "training.epochs", 20), "training.patience", 2), DATASET))
    found = [event.accuracy for event in events if isinstance(event, Validated)]
    best = max(range(len(found)), key=lambda i: (found[i], -i))
    assert len(found) == best + 3 < 20
    assert events[-1].ended_by == "patience"


def test_without_conditions_it_ends_with_its_epochs():
    assert list(fit(SMALL, DATASET))[-1].ended_by == "epochs"


def test_other_settings_go_on_from_the_same_place():
    _, taken = leave_at(SMALL, 16)
    more = override(override(SMALL, "training.epochs", 4), "training.weight_decay", 0.5)
    steps = [event.step for event in fit(more, DATASET, taken) if isinstance(event, Progress)]
    assert steps == list(range(15, 41))


@pytest.mark.parametrize(("setting", "value", "first"), [("training.batch", 80, 6), ("training.seed", 9, 11)])
def test_another_order_begins_with_a_whole_epoch(setting, value, first):
    _, taken = leave_at(SMALL, 16)  # 14 steps are taken: epoch 2 of 3, and 5 steps an epoch with twice the batch
    other = override(SMALL, setting, value)
    steps = [event.step for event in fit(other, DATASET, taken) if isinstance(event, Progress)]
    assert steps[0] == first
    assert steps[-1] == (15 if setting == "training.batch" else 30)


def test_another_optimizer_begins_anew_with_the_same_weights():
    _, taken = leave_at(SMALL, 16)
    adam = override(SMALL, "training.optimizer", "adam")
    events = list(fit(adam, DATASET, taken))
    assert events[1].loss < 1.0986, "it has learnt: three classes at random have a loss of ln 3"
    assert events[-1].step == 30


def test_weights_alone_are_gone_on_from_with_a_whole_epoch():
    events = list(fit(SMALL, DATASET))
    weights = copy.deepcopy(events[0].model.state_dict())
    taken = states.of_weights(SMALL, 14, weights)
    after = list(fit(override(SMALL, "training.epochs", 2), DATASET, taken))
    assert [event.step for event in after if isinstance(event, Progress)] == list(range(11, 21))
    assert next(event for event in after if isinstance(event, Validated)).accuracy > 0.9


@pytest.mark.parametrize("setting", ["model.hidden", "data.seed", "data.validation"])
def test_another_network_or_other_pictures_are_refused(setting):
    _, taken = leave_at(SMALL, 5)
    value = 0.2 if setting == "data.validation" else 13
    with pytest.raises(StateError, match=f"{setting} is"):
        list(fit(override(SMALL, setting, value), DATASET, taken))


def test_pictures_that_have_changed_are_refused():
    _, taken = leave_at(SMALL, 5)
    labels = DATASET.train.labels.clone()
    labels[0] = (labels[0] + 1) % 3
    other = dataclasses.replace(DATASET, train=dataclasses.replace(DATASET.train, labels=labels))
    with pytest.raises(StateError, match="not the ones that this training has learnt from"):
        list(fit(SMALL, other, taken))


def test_a_state_that_does_not_fit_is_refused_before_it_trains():
    _, taken = leave_at(SMALL, 15)
    name = next(name for name in taken.tensors if name.startswith("model.head"))
    short = State(taken.config, taken.now, taken.counters, {**taken.tensors, name: torch.zeros(1)})
    with pytest.raises(StateError, match="does not fit the network"):
        next(fit(SMALL, DATASET, short))
    moments = next(name for name in taken.tensors if name.startswith("optimizer.") and taken.tensors[name].ndim)
    short = State(taken.config, taken.now, taken.counters, {**taken.tensors, moments: torch.zeros(1)})
    with pytest.raises(StateError, match="does not fit the optimizers"):
        next(fit(SMALL, DATASET, short))
    odd = State(taken.config, taken.now, taken.counters, {**taken.tensors, "random.now": torch.zeros(16).byte()})
    with pytest.raises(StateError, match="another kind of device"):
        next(fit(SMALL, DATASET, odd))


def test_bytes_that_are_no_state_are_refused():
    _, taken = leave_at(SMALL, 5)
    whole = states.to_bytes(taken)
    long = (2_000_000).to_bytes(8, "little") + b" " * 3_000_000
    for data in (
        b"",
        b"{}",
        whole[: len(whole) // 2],
        whole[:100],
        long,
        whole.replace(b"cnngru-state-1", b"cnngru-state-0"),
    ):
        with pytest.raises(StateError):
            states.from_bytes(data)


@pytest.mark.parametrize(
    ("name", "value"), [("step", "many"), ("step", -1), ("sums", [1]), ("sums", 3), ("best", None), ("seconds", [])]
)
def test_counters_that_are_no_numbers_are_refused(name, value):
    _, taken = leave_at(SMALL, 5)
    odd = dataclasses.replace(taken.counters)
    object.__setattr__(odd, name, value)
    with pytest.raises(StateError):
        states.from_bytes(states.to_bytes(State(taken.config, taken.now, odd, taken.tensors)))


def test_a_state_says_whose_settings_it_has():
    _, taken = leave_at(SMALL, 5)
    assert isinstance(taken.config, Config)
    assert taken.config == taken.now == SMALL
