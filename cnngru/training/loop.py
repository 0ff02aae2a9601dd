"""Training, start to end, as a stream of events. Knows nothing of runs, files or screens.

The whole data set is one uint8 tensor, varied in batches; there is no DataLoader. benchmarks/ says what that is worth.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator, Iterator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from cnngru import data
from cnngru.config import Config, ConfigError
from cnngru.data.augment import augment
from cnngru.nn.classifier import CNNGRU
from cnngru.training import course as courses
from cnngru.training import state as states
from cnngru.training.course import Course
from cnngru.training.device import autocast, choose_device, choose_precision
from cnngru.training.evaluate import ORDERS, Evaluation, evaluating
from cnngru.training.events import Event, Failed, Finished, Progress, Started, Testing, Validated
from cnngru.training.state import State

REPORTS = 1000  # about so many Progress events a run; each costs a wait for the device
NOTES = 50  # on the data, at most
PATIENCE = 5  # steps between two of them, at most
LOOKED_AT_ONCE = 100  # pictures that are only looked at: well under a second, after which `between` is asked

# Called before each step, and again and again while pictures are only looked at: (steps taken, a way to take the state
# down) -> the config from here on, of which only `state.IN_FLIGHT` may differ, or None for no change. It may wait as
# long as it likes, and what it raises ends the training.
Between = Callable[[int, Callable[[], State]], Config | None]


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
        notes=_first(dataset.notes),
    )
    while not course.ended_by or course.at.place:  # an epoch that was begun is validated, however it ends
        for event in _epoch(course, images, labels, precision, between):
            yield event
            if isinstance(event, Failed):
                return
        validation = _validate(course, dataset.validation, precision, between)
        if not math.isfinite(validation.loss):
            yield Failed(course.at.step, _diverged(course))
            return
        yield _validated(course, validation)
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


def _epoch(course: Course, images: Tensor, labels: Tensor, precision: str, between: Between) -> Iterator[Event]:
    """The steps that are left of an epoch, or until the time or the steps are used up."""
    course.model.train()
    batch = course.config.training.batch
    while course.at.place < course.steps_an_epoch:
        _ask(course, between)
        if course.out_of_time or course.at.step >= course.steps:
            break
        began = time.perf_counter()
        order, settings = course.draw_order(), course.now
        rate = course.set_rates()
        picked = order[course.at.place * batch :][:batch]
        mirrored = course.first_mirrored[picked] ^ bool(course.at.epoch % 2) if settings.data.flip else None
        pictures = augment(images[picked], course.random, mirrored, settings.data.shift, settings.data.cutout)
        smoothing = settings.training.label_smoothing
        course.sums += _step(course.model, pictures, labels[picked].long(), course.optimizers, smoothing, precision)
        course.count(step=course.at.step + 1, place=course.at.place + 1)
        report = _reports(course)
        loss, right, seen = course.sums.tolist() if report else (0.0, 0.0, 1.0)  # waits for the device
        took = time.perf_counter() - began
        course.waited += took
        course.count(seconds=course.at.seconds + took)
        if not report:
            continue
        if not math.isfinite(loss):
            yield Failed(course.at.step, _diverged(course))
            return
        yield _progress(course, rate, loss, right, seen)


def _reports(course: Course) -> bool:
    """Whether the step just taken is told: the first, each so many, and the last of an epoch."""
    every = min(math.ceil(course.steps / REPORTS), PATIENCE)
    step = course.at.step
    return step == 1 or not step % every or course.at.place == course.steps_an_epoch or step >= course.steps


def _progress(course: Course, learning_rate: float, loss: float, right: float, seen: float) -> Progress:
    """Tells the steps since the last one, and begins to add up anew."""
    speed = seen / course.waited if course.waited else 0.0
    rate = 0.9 * course.at.rate + 0.1 * speed if course.at.rate else speed
    course.count(rate=rate)
    course.sums.zero_()
    course.waited = 0.0
    at, settings = course.at, course.now.training
    left = (course.steps - at.step) * settings.batch / rate if rate else 0.0
    return Progress(
        step=at.step,
        steps=course.steps,
        epoch=at.epoch + at.place / course.steps_an_epoch,
        loss=loss / seen,
        accuracy=right / seen,
        learning_rate=learning_rate,
        images_per_second=speed,
        seconds=at.seconds,
        seconds_left=max(0.0, min(left, settings.seconds - at.seconds) if settings.seconds else left),
    )


def _validate(course: Course, validation: data.Split, precision: str, between: Between) -> Evaluation:
    for done in evaluating(course.model, validation, LOOKED_AT_ONCE, precision):
        if isinstance(done, Evaluation):
            return done
        _ask(course, between)
    raise AssertionError("the last of these is the evaluation")


def _validated(course: Course, found: Evaluation) -> Validated:
    """Tells it, and counts for the stop conditions."""
    better = found.accuracy > course.at.best
    course.count(best=max(found.accuracy, course.at.best), worse=0 if better else course.at.worse + 1)
    done = course.at.place / course.steps_an_epoch
    epoch = course.at.epoch + (1 if done == 1 else round(done, 3))
    return Validated(course.at.step, epoch, found.loss, found.accuracy, found.n, course.at.seconds)


def _test(course: Course, test: data.Split, between: Between) -> Generator[Event, None, Evaluation]:
    """Looks at the test pictures, telling how far it is, first of all that it has begun."""
    yield Testing(course.at.step, 0, len(test), ORDERS)
    for done in evaluating(course.model, test, LOOKED_AT_ONCE, orders=True):
        if isinstance(done, Evaluation):
            return done
        yield Testing(course.at.step, done, len(test), ORDERS)
        _ask(course, between)
    raise AssertionError("the last of these is the evaluation")


def _ask(course: Course, between: Between) -> None:
    """Gives the caller its turn, and takes what it changes."""
    now = between(course.at.step, course.capture)
    if now is None:
        return
    wrong = [setting for setting, *_ in states.changed(course.now, now) if setting not in states.IN_FLIGHT]
    if wrong:
        raise ConfigError(f"{wrong[0]} cannot be changed while the run trains. Continue it as a new run for that.")
    course.now = now


def _first(notes: tuple[str, ...]) -> tuple[str, ...]:
    """So many of them as a person reads, and how many more there are."""
    more = len(notes) - NOTES
    return notes if more <= 0 else (*notes[:NOTES], f"And {more:,} more.")


def _step(
    model: CNNGRU,
    images: Tensor,
    labels: Tensor,
    optimizers: list[torch.optim.Optimizer],
    smoothing: float,
    precision: str,
) -> Tensor:
    """One step on images (B, 3, 32, 32) uint8 and labels (B,). Returns (summed loss, right answers, B)."""
    with autocast(images.device, precision):
        logits = model(images.float() / 255)
    loss = cross_entropy(logits.float(), labels, label_smoothing=smoothing)
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    right = (logits.argmax(1) == labels).sum()
    return torch.stack((loss.detach() * len(labels), right, torch.full_like(right, len(labels))))


def _diverged(course: Course) -> str:
    return (
        f"The loss stopped being a number at step {course.at.step}: the steps were too large. "
        f"Start again with a smaller learning rate (it was {course.now.training.learning_rate:g})."
    )
