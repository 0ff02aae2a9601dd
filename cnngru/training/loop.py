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
from cnngru.config import Config
from cnngru.data.augment import augment, take_turns
from cnngru.nn.classifier import CNNGRU
from cnngru.training import optim
from cnngru.training.device import autocast, choose_device, choose_precision
from cnngru.training.evaluate import ORDERS, Evaluation, evaluate, evaluating
from cnngru.training.events import Event, Failed, Finished, Progress, Started, Testing, Validated

REPORTS = 1000  # about so many Progress events a run; each costs a wait for the device
NOTES = 50  # on the data, at most
PATIENCE = 5  # steps between two of them, at most: a run can be stopped at an event only
TESTED_AT_ONCE = 100  # pictures, in three orders: well under a second, in which a run can be stopped
WHITEN_FROM = 2000  # pictures, 256 patches each: plenty for the 12 × 12 covariance of the input


def train(config: Config, progress: Callable[[int, int, str], None] | None = None) -> Iterator[Event]:
    """Loads the data, trains, and yields what happens: Started, then Progress and Validated, then Testing, then
    Finished; or Failed, which ends it.

    progress(done, total, what) hears of a download or of reading files. Close the iterator to stop early: the model
    that came with Started keeps the weights it has. Raises DataError (pictures cannot be had) or ConfigError.
    """
    return fit(config, data.load(config.data, progress))


def fit(config: Config, dataset: data.Dataset) -> Iterator[Event]:
    """`train` on pictures that are already in memory."""
    settings = config.training
    device = choose_device(settings.device)
    precision = choose_precision(settings, device)
    threads_before = torch.get_num_threads()
    cores = os.cpu_count() or 1  # more threads than that only wait for each other: 16 on two take 30 times as long
    torch.set_num_threads(min(settings.threads, cores) or threads_before)
    try:
        yield from _fit(config, dataset, device, precision)
    finally:
        torch.set_num_threads(threads_before)


def _fit(config: Config, dataset: data.Dataset, device: torch.device, precision: str) -> Iterator[Event]:
    settings = config.training
    images, labels = dataset.train.images.to(device), dataset.train.labels.to(device)
    random = torch.Generator(device).manual_seed(settings.seed)
    model = _new_model(config, dataset, device)
    steps_an_epoch = max(1, len(images) // settings.batch)
    steps = steps_an_epoch * settings.epochs
    report_every = min(math.ceil(steps / REPORTS), PATIENCE)
    yield Started(
        device=str(device),
        precision=precision,
        threads=torch.get_num_threads(),
        parameters=model.parameter_count,
        recurrent_parameters=model.recurrent_parameter_count,
        train=len(images),
        validation=len(dataset.validation),
        test=len(dataset.test),
        classes=dataset.classes,
        steps=steps,
        epochs=settings.epochs,
        model=model,
        notes=_first(dataset.notes),
    )

    optimizers = optim.optimizers(model, settings)
    first_mirrored = take_turns(len(images), random)
    step, rate, seconds, since = 0, 0.0, 0.0, time.perf_counter()  # seconds: of training alone
    sums = torch.zeros(3, device=device)  # loss, right answers, pictures since the last report
    for epoch in range(settings.epochs):
        model.train()
        order = torch.randperm(len(images), generator=random, device=device)
        for picked in order[: steps_an_epoch * settings.batch].split(settings.batch):
            factor = optim.lr_factor(settings.schedule, step / steps)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = group["initial_lr"] * factor
            mirrored = first_mirrored[picked] ^ bool(epoch % 2) if config.data.flip else None
            batch = augment(images[picked], random, mirrored, config.data.shift, config.data.cutout)
            sums += _step(model, batch, labels[picked].long(), optimizers, settings.label_smoothing, precision)
            step += 1
            if step % report_every and step % steps_an_epoch and step > 1:
                continue
            loss, right, seen = sums.tolist()
            if not math.isfinite(loss):
                yield Failed(step, _diverged(step, settings.learning_rate))
                return
            took = time.perf_counter() - since
            seconds += took
            speed = seen / took
            rate = speed if not rate else 0.9 * rate + 0.1 * speed
            yield Progress(
                step=step,
                steps=steps,
                epoch=step / steps_an_epoch,
                loss=loss / seen,
                accuracy=right / seen,
                learning_rate=settings.learning_rate * factor,
                images_per_second=speed,
                seconds=seconds,
                seconds_left=(steps - step) * settings.batch / rate,
            )
            sums.zero_()
            since = time.perf_counter()
        validation = evaluate(model, dataset.validation, precision=precision)
        if not math.isfinite(validation.loss):
            yield Failed(step, _diverged(step, settings.learning_rate))
            return
        yield Validated(step, epoch + 1, validation.loss, validation.accuracy, validation.n, seconds)
        since = time.perf_counter()

    final = yield from _test(model, dataset.test, step)
    yield Finished(
        step=step,
        loss=final.loss,
        accuracy=final.accuracy,
        n=final.n,
        seconds=seconds,
        reversed=final.reversed,
        shuffled=final.shuffled,
        probabilities=final.probabilities,
        labels=dataset.test.labels,
    )


def _test(model: CNNGRU, test: data.Split, step: int) -> Generator[Event, None, Evaluation]:
    """Looks at the test pictures, telling how far it is, first of all that it has begun."""
    yield Testing(step, 0, len(test), ORDERS)
    for done in evaluating(model, test, TESTED_AT_ONCE, orders=True):
        if isinstance(done, Evaluation):
            return done
        yield Testing(step, done, len(test), ORDERS)
    raise AssertionError("the last of these is the evaluation")


def _first(notes: tuple[str, ...]) -> tuple[str, ...]:
    """So many of them as a person reads, and how many more there are."""
    more = len(notes) - NOTES
    return notes if more <= 0 else (*notes[:NOTES], f"And {more:,} more.")


def _new_model(config: Config, dataset: data.Dataset, device: torch.device) -> CNNGRU:
    """Weights from the seed, the input's statistics from the training pictures."""
    with torch.random.fork_rng(devices=[]):  # the weights are drawn on the CPU; the caller's random state there is kept
        torch.random.default_generator.manual_seed(config.training.seed)
        model = CNNGRU(config.model, dataset.classes)
        some = torch.randperm(len(dataset.train))[:WHITEN_FROM]  # a folder's pictures lie class by class
    model.encoder.fit_input(dataset.train.images[some].float() / 255)
    return model.to(device)


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


def _diverged(step: int, learning_rate: float) -> str:
    return (
        f"The loss stopped being a number at step {step}: the steps were too large. "
        f"Start again with a smaller learning rate (it was {learning_rate:g})."
    )
