"""Training end to end on small generated pictures: what it says, what it repeats, what it learns, how it ends.

Long, because each promise of the stream of events is a test, on the same pictures.
"""

import copy
import dataclasses
import json
import math
import os

import pytest
import torch

from cnngru.config import Config, Conv, DataConfig, ModelConfig, TrainingConfig, override
from cnngru.data import Dataset, Split, rowcue
from cnngru.training import course, epoch, loop
from cnngru.training.evaluate import evaluate
from cnngru.training.events import Failed, Finished, Progress, Started, Testing, Validated, to_dict
from cnngru.training.loop import fit, train

MODEL = ModelConfig(stem_stride=2, convs=(Conv((3, 3), 8, (1, 2)), Conv((1, 3), 8, (1, 2))), hidden=12)
CONFIG = Config(
    DataConfig("rowcue", flip=False, shift=0),
    MODEL,
    TrainingConfig(epochs=3, batch=40, learning_rate=1e-2, device="cpu", precision="float32", threads=1),
)


def pictures(n: int, seed: int) -> Split:
    """Three classes that differ in the brightness of one colour."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 3, (n,), generator=random).to(torch.uint8)
    images = torch.randint(0, 120, (n, 3, 32, 32), generator=random).to(torch.uint8)
    images[torch.arange(n), labels.long()] += 60
    return Split(images, labels)


DATASET = Dataset("toy", ("red", "green", "blue"), pictures(410, 0), pictures(60, 1), pictures(90, 2))


def test_the_stream_of_events():
    events = list(fit(CONFIG, DATASET))
    kinds = [type(event) for event in events]
    assert kinds[0] is Started
    assert kinds[-1] is Finished
    assert kinds.count(Validated) == 3
    assert kinds.count(Progress) == 30  # 10 full batches an epoch, each told
    started, finished = events[0], events[-1]
    assert (started.train, started.validation, started.test) == (410, 60, 90)
    assert started.parameters == started.model.parameter_count
    assert 0 < started.recurrent_parameters == started.model.recurrent_parameter_count < started.parameters
    assert started.classes == DATASET.classes
    steps = [event.step for event in events[1:-1] if isinstance(event, Progress)]
    assert steps == list(range(1, 31))
    assert [event.epoch for event in events if isinstance(event, Validated)] == [1, 2, 3]
    seconds = [event.seconds for event in events[1:] if not isinstance(event, Testing)]
    assert seconds == sorted(seconds)
    assert [event for event in events if isinstance(event, Progress)][-1].seconds_left == 0
    assert finished.n == 90


def test_the_test_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(loop, "LOOKED_AT_ONCE", 40)
    events = list(fit(CONFIG, DATASET))
    told = [(event.done, event.total, event.orders) for event in events if isinstance(event, Testing)]
    assert told == [(0, 90, 3), (40, 90, 3), (80, 90, 3), (90, 90, 3)]
    assert all(isinstance(event, Testing) for event in events[-5:-1])


def test_it_can_be_left_in_the_middle_of_the_test_with_its_weights_and_in_its_mode(monkeypatch):
    monkeypatch.setattr(loop, "LOOKED_AT_ONCE", 40)
    stream = fit(CONFIG, DATASET)
    model = next(stream).model
    for event in stream:
        if isinstance(event, Testing) and event.done == 40:
            break
    was = model.training
    stream.close()
    assert model.training == was
    assert evaluate(model, DATASET.test).accuracy > 0.9


def test_notes_on_the_data_are_told_and_not_without_end():
    few = dataclasses.replace(DATASET, notes=("a.png was left out.",))
    assert next(fit(CONFIG, few)).notes == few.notes
    many = next(fit(CONFIG, dataclasses.replace(DATASET, notes=few.notes * 1234))).notes
    assert (len(many), many[-1]) == (51, "And 1,184 more.")


def test_input_statistics_do_not_depend_on_the_order_of_the_classes(monkeypatch):
    """A folder's pictures lie class by class: the first ones alone would be all red."""
    monkeypatch.setattr(course, "WHITEN_FROM", 100)
    order = DATASET.train.labels.argsort()
    by_class = dataclasses.replace(DATASET, train=Split(*(t[order] for t in vars(DATASET.train).values())))
    mean = next(fit(CONFIG, by_class)).model.encoder.mean.flatten()
    assert (mean.max() - mean.min()) < 0.03


def test_a_validation_that_is_no_number_ends_the_run_too():
    stream = fit(CONFIG, DATASET)
    model = next(stream).model
    events = []
    for event in stream:
        events.append(event)
        if event.step == 10:  # the epoch's last step went well; what it left did not
            model.head.bias.data.fill_(math.nan)
    assert isinstance(events[-1], Failed)
    assert not any(isinstance(event, Validated) for event in events)


def test_it_learns_and_the_last_figure_is_that_of_the_test_pictures():
    events = list(fit(CONFIG, DATASET))
    assert events[-1].accuracy > 0.95
    again = evaluate(events[0].model, DATASET.test)
    assert (again.accuracy, again.loss) == (events[-1].accuracy, events[-1].loss)
    assert torch.equal(again.probabilities, events[-1].probabilities)
    assert torch.equal(DATASET.test.labels, events[-1].labels)
    orders = evaluate(events[0].model, DATASET.test, orders=True)
    assert (orders.reversed, orders.shuffled) == (events[-1].reversed, events[-1].shuffled)


def curve(config: Config) -> list[float]:
    return [event.loss for event in fit(config, DATASET) if isinstance(event, Progress | Validated | Finished)]


@pytest.mark.parametrize(
    "settings",
    [
        {"training.optimizer": "muon", "training.schedule": "one-cycle"},
        {"training.optimizer": "adam", "training.schedule": "constant"},
        # one epoch: processors without bfloat16 emulate it, some fifty times as slowly
        {
            "training.threads": 2,
            "training.precision": "bfloat16",
            "training.epochs": 1,
            "data.cutout": 8,
            "model.bidirectional": True,
        },
    ],
    ids=["muon", "adam", "two threads"],
)
def test_the_same_seed_gives_the_same_curve_to_the_bit_and_another_does_not(settings):
    config = override(override(CONFIG, "data.shift", 2), "data.flip", True)
    for setting, value in settings.items():
        config = override(config, setting, value)
    first = curve(config)
    torch.rand(17)  # what the caller draws in between must not matter
    assert curve(config) == first
    assert curve(override(config, "training.seed", 1)) != first


def test_the_schedule_decides_the_rate_of_each_step():
    def rates(schedule: str) -> list[float]:
        events = fit(override(CONFIG, "training.schedule", schedule), DATASET)
        return [event.learning_rate for event in events if isinstance(event, Progress)]

    assert set(rates("constant")) == {1e-2}
    assert max(rates("one-cycle")) == pytest.approx(1e-2)
    assert len(set(rates("one-cycle"))) > 20


@pytest.mark.parametrize(("asked", "taken"), [(1, 1), (1024, os.cpu_count())])
def test_no_more_threads_are_taken_than_there_are_cores(asked, taken):
    started = next(iter(fit(override(CONFIG, "training.threads", asked), DATASET)))
    assert started.threads == taken


def test_the_callers_random_state_and_threads_are_left_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    threads = torch.get_num_threads()
    torch.manual_seed(3)
    list(fit(CONFIG, DATASET))
    assert torch.equal(torch.rand(2), expected)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "muon"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_each_optimizer_and_precision_learns(optimizer, precision):
    config = override(override(CONFIG, "training.optimizer", optimizer), "training.precision", precision)
    events = list(fit(config, DATASET))
    assert events[0].precision == precision
    assert events[-1].accuracy > 0.9


@pytest.mark.parametrize("cell", ["gru", "gru-textbook", "lstm", "rnn", "mingru", "none"])
@pytest.mark.parametrize("encoder", ["rows", "pixels", "seed-cnn"])
def test_each_cell_on_each_encoder_trains_and_takes_the_order_test(encoder, cell):
    model = dataclasses.replace(MODEL, encoder=encoder, cell=cell)
    small = dataclasses.replace(DATASET, train=pictures(80, 0))
    config = dataclasses.replace(override(CONFIG, "training.epochs", 1), model=model)
    events = list(fit(config, small))
    end = events[-1]
    assert isinstance(end, Finished)
    assert (events[0].recurrent_parameters > 0) == (cell != "none")
    assert all(0 <= share <= 1 for share in (end.accuracy, end.reversed, end.shuffled))


def test_a_loss_that_is_no_number_ends_the_run_with_a_reason():
    config = override(override(CONFIG, "training.learning_rate", 10.0), "training.optimizer", "adamw")
    dataset = dataclasses.replace(DATASET)
    events = []
    for event in fit(config, dataset):
        if isinstance(event, Started):
            event.model.head.weight.data.fill_(math.nan)
        events.append(event)
    assert isinstance(events[-1], Failed)
    assert "smaller learning rate" in events[-1].reason
    assert "step 1:" in events[-1].reason


def test_closing_the_stream_keeps_the_weights_so_far():
    stream = fit(CONFIG, DATASET)
    model = next(stream).model
    before = model.head.weight.clone()
    for event in stream:
        if event.step == 5:
            break
    stream.close()
    assert not torch.equal(model.head.weight, before)
    assert torch.isfinite(model(DATASET.test.images[:2].float() / 255)).all()


def test_fewer_pictures_than_a_batch_still_train():
    tiny = dataclasses.replace(DATASET, train=pictures(7, 5))
    events = list(fit(CONFIG, tiny))
    assert isinstance(events[-1], Finished)
    assert events[0].steps == 3


def test_whitening_and_normalisation_come_from_the_training_pictures():
    model = next(fit(CONFIG, DATASET)).model
    mean = (DATASET.train.images.float() / 255).mean((0, 2, 3))
    torch.testing.assert_close(model.encoder.mean.flatten(), mean)


def test_events_are_plain_json_and_nan_is_null():
    events = list(fit(override(CONFIG, "training.epochs", 1), DATASET))
    for event in events:
        values = to_dict(event)
        assert values["kind"] == type(event).__name__.lower()
        assert not {"model", "probabilities", "labels"} & set(values)
        assert json.loads(json.dumps(values, allow_nan=False)) is not None
    assert to_dict(Validated(1, 1, math.nan, 0.5, 10, 1.0))["loss"] is None


def test_evaluate_restores_the_mode_and_counts_every_picture():
    model = next(fit(CONFIG, DATASET)).model
    model.train()
    seen = []
    result = evaluate(model, DATASET.test, batch=40, progress=lambda done, total: seen.append((done, total)))
    assert model.training
    assert seen == [(40, 90), (80, 90), (90, 90)]
    model.eval()
    logits = model(DATASET.test.images.float() / 255)
    assert result.accuracy == pytest.approx((logits.argmax(1) == DATASET.test.labels).float().mean().item())
    assert result.loss == pytest.approx(
        torch.nn.functional.cross_entropy(logits, DATASET.test.labels.long()).item(), rel=1e-5
    )


TEN = tuple("abcdefghij")


def ten_classes(n: int, seed: int) -> Split:
    """Ten classes, each with its own colour, that any network here tells apart when it is told the truth."""
    random = torch.Generator().manual_seed(seed)
    labels = (torch.arange(n) % 10).to(torch.uint8)
    colours = torch.randint(0, 156, (10, 3, 1, 1), generator=torch.Generator().manual_seed(0))
    images = torch.randint(0, 100, (n, 3, 32, 32), generator=random) + colours[labels.long()]
    return Split(images.to(torch.uint8), labels)


def test_shuffled_labels_teach_nothing_that_holds_on_the_test_pictures(monkeypatch):
    """A leak from the test to the training, or of the label into the picture's place, would show here.

    Classes this easy are told apart as wholes, so what a network has made up on shuffled labels is right or wrong for a
    class at a time: ten guesses at one in ten, not as many as there are pictures. Four shuffles make 40. At chance, 12
    or more of 40 come up less than once in 1,000 times; the true labels, beside them, give nearly all.
    """
    dataset = Dataset("toy", TEN, ten_classes(600, 0), ten_classes(60, 1), ten_classes(300, 2))
    monkeypatch.setattr(rowcue, "load", lambda config, progress: dataset)
    config = override(override(CONFIG, "training.epochs", 4), "training.batch", 50)

    def accuracy(shuffled: bool, seed: int = 0) -> float:
        asked = dataclasses.replace(config.data, shuffle_labels=shuffled, seed=seed)
        return list(train(dataclasses.replace(config, data=asked)))[-1].accuracy

    assert accuracy(shuffled=False) > 0.9
    assert sum(accuracy(shuffled=True, seed=seed) for seed in range(4)) / 4 < 12 / 40


def test_train_loads_its_data_itself():
    config = Config(dataclasses.replace(CONFIG.data, pictures=200), MODEL, CONFIG.training)
    events = train(override(config, "training.epochs", 1))
    started = next(events)
    assert (started.train, started.validation) == (200, 20)
    assert len(started.classes) == 10
    events.close()


def test_it_tells_how_strong_the_gradient_at_each_row_is():
    events = [event for event in fit(CONFIG, DATASET) if isinstance(event, Progress)]
    model = next(fit(CONFIG, DATASET)).model
    assert {len(event.gradients) for event in events} == {len(model.bands)}
    assert all(norm > 0 for norm in events[0].gradients)
    images, labels = DATASET.train.images[:40], DATASET.train.labels[:40].long()
    found = []
    epoch.step(copy.deepcopy(model), images, labels, [], 0.1, "float32", found.append)
    rows = model.encoder(images.float() / 255).detach().requires_grad_()
    loss = torch.nn.functional.cross_entropy(model.classify(rows), labels, label_smoothing=0.1)
    (wanted,) = torch.autograd.grad(loss, rows)
    assert torch.allclose(found[0], wanted.norm(dim=(0, 2)), rtol=1e-4)


def test_each_epoch_tells_which_classes_were_taken_for_which():
    events = list(fit(CONFIG, DATASET))
    for event in events:
        if isinstance(event, Validated):
            table = torch.tensor(event.confusion)
            assert table.shape == (3, 3)
            assert table.sum() == event.n == 60
            assert table.diagonal().sum() / 60 == pytest.approx(event.accuracy)
            assert table.sum(1).tolist() == torch.bincount(DATASET.validation.labels.long(), minlength=3).tolist()
