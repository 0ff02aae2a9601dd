"""Training, start to end, as a stream of events. Knows nothing of runs, files or screens.

The whole data set is one uint8 tensor, varied in batches; there is no DataLoader. benchmarks/ says what that is worth.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Iterator

import torch
from torch import Tensor

from cnngru import data
from cnngru.config import Config
from cnngru.training import course as courses
from cnngru.training import epoch
from cnngru.training.between import Between, ask
from cnngru.training.course import Course
from cnngru.training.device import choose_device, choose_precision, emulated
from cnngru.training.evaluate import ORDERS, Evaluation, evaluating
from cnngru.training.events import CLASSES, Event, Failed, Finished, Started, Testing, Validated
from cnngru.training.state import State

SAMPLES = 6  # held-out pictures that are watched
NOTES = 50  # on the data, at most
LOOKED_AT_ONCE = 100  # pictures that are only looked at: well under a second, after which `between` is asked


def train(
    config: Config,
    progress: Callable[[int, int, str], None] | None = None,
    state: State | None = None,
    between: Between | None = None,
) -> Iterator[Event]:
    """Loads the data, trains, and yields what happens: Started, then Progress and Validated, then Testing, then
    Finished; or Failed, which ends it.

    progress(done, total, what) hears of a download or of reading files. With a state it goes on where that was taken:
    on a CPU the same events follow, to the bit, as if it had never been left (but for times and speeds). `between` can
    hold it, change it and take its state (see `Between`). Close the iterator to stop early: the model that came with
    Started keeps the weights it has. Raises DataError (pictures cannot be had), ConfigError, or StateError.
    """
    return fit(config, data.load(config.data, progress), state, between)


def fit(
    config: Config, dataset: data.Dataset, state: State | None = None, between: Between | None = None
) -> Iterator[Event]:
    """`train` on pictures that are already in memory."""
    settings = config.training
    device = choose_device(settings.device)
    precision = choose_precision(settings, device)
    threads_before = torch.get_num_threads()
    cores = os.cpu_count() or 1  # more threads than that only wait for each other: 16 on two take 30 times as long
    torch.set_num_threads(min(settings.threads, cores) or threads_before)
    try:
        course = courses.begin(config, dataset, device)
        if state is not None:
            courses.take_up(course, state)
        yield from _fit(course, dataset, precision, between or (lambda step, capture: None))
    finally:
        torch.set_num_threads(threads_before)


def _fit(course: Course, dataset: data.Dataset, precision: str, between: Between) -> Iterator[Event]:
    images, labels = dataset.train.images.to(course.random.device), dataset.train.labels.to(course.random.device)
    yield Started(
        device=str(course.random.device),
        precision=precision,
        threads=torch.get_num_threads(),
        parameters=course.model.parameter_count,
        recurrent_parameters=course.model.recurrent_parameter_count,
        train=len(images),
        validation=len(dataset.validation),
        test=len(dataset.test),
        classes=dataset.classes,
        steps=course.steps,
        epochs=course.now.training.epochs,
        model=course.model,
        notes=_first((*emulated(course.config.training, course.random.device), *dataset.notes)),
        samples=_samples(dataset.validation),
    )
    while not course.ended_by or course.at.place:  # an epoch that was begun is validated, however it ends
        for event in epoch.steps(course, images, labels, precision, between):
            yield event
            if isinstance(event, Failed):
                return
        validation = _validate(course, dataset.validation, precision, between)
        if not math.isfinite(validation.loss):
            yield Failed(course.at.step, epoch.diverged(course))
            return
        yield _validated(course, validation, dataset.validation.labels)
        course.next_epoch()

    final = yield from _test(course, dataset.test, between)
    yield Finished(
        step=course.at.step,
        loss=final.loss,
        accuracy=final.accuracy,
        n=final.n,
        seconds=course.at.seconds,
        reversed=final.reversed,
        shuffled=final.shuffled,
        ended_by=course.ended_by,
        probabilities=final.probabilities,
        labels=dataset.test.labels,
    )


def _validate(course: Course, validation: data.Split, precision: str, between: Between) -> Evaluation:
    for done in evaluating(course.model, validation, LOOKED_AT_ONCE, precision):
        if isinstance(done, Evaluation):
            return done
        ask(course, between)
    raise AssertionError("the last of these is the evaluation")


def _validated(course: Course, found: Evaluation, labels: Tensor) -> Validated:
    """Tells it, and counts for the stop conditions."""
    better = found.accuracy > course.at.best
    course.count(best=max(found.accuracy, course.at.best), worse=0 if better else course.at.worse + 1)
    done = course.at.place / course.steps_an_epoch
    epochs = course.at.epoch + (1 if done == 1 else round(done, 3))
    told = _confusion(found.probabilities, labels)
    return Validated(course.at.step, epochs, found.loss, found.accuracy, found.n, course.at.seconds, told)


def _confusion(probabilities: Tensor, labels: Tensor) -> tuple[tuple[int, ...], ...]:
    """(N, C) and (N,) -> pictures by true class and answer, () for too many classes."""
    classes = probabilities.shape[1]
    if classes > CLASSES:
        return ()
    places = labels.cpu().long() * classes + probabilities.argmax(1)
    counts = torch.bincount(places, minlength=classes**2).view(classes, classes)
    return tuple(map(tuple, counts.tolist()))


def _test(course: Course, test: data.Split, between: Between) -> Generator[Event, None, Evaluation]:
    """Looks at the test pictures, telling how far it is, first of all that it has begun."""
    yield Testing(course.at.step, 0, len(test), ORDERS)
    for done in evaluating(course.model, test, LOOKED_AT_ONCE, orders=True):
        if isinstance(done, Evaluation):
            return done
        yield Testing(course.at.step, done, len(test), ORDERS)
        ask(course, between)
    raise AssertionError("the last of these is the evaluation")


def _samples(held_out: data.Split) -> tuple[Tensor, Tensor]:
    """The first picture of each class, for at most SAMPLES of them: what the network answers there can be watched."""
    labels = held_out.labels.cpu()
    first = [int((labels == number).nonzero()[0]) for number in labels.unique()[:SAMPLES]]
    return held_out.images[first].cpu(), labels[first]


def _first(notes: tuple[str, ...]) -> tuple[str, ...]:
    """So many of them as a person reads, and how many more there are."""
    more = len(notes) - NOTES
    return notes if more <= 0 else (*notes[:NOTES], f"And {more:,} more.")
