"""The steps of an epoch: a batch in its turn, varied, forward, backward, and what is told of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from cnngru.data.augment import augment
from cnngru.nn.classifier import CNNGRU
from cnngru.training.between import Between, ask
from cnngru.training.course import Course
from cnngru.training.device import autocast
from cnngru.training.events import Failed, Progress

REPORTS = 1000  # about so many Progress events a run; each costs a wait for the device
PATIENCE = 5  # steps between two of them, at most


def steps(
    course: Course, images: Tensor, labels: Tensor, precision: str, between: Between
) -> Iterator[Progress | Failed]:
    """The steps that are left of an epoch, or until the time or the steps are used up.

    images (N, 3, 32, 32) and labels (N,), uint8, on the training's device.
    """
    course.model.train()
    batch = course.config.training.batch
    while course.at.place < course.steps_an_epoch:
        tell = ask(course, between)
        if course.out_of_time or course.at.step >= course.steps:
            break
        began = time.perf_counter()
        order, settings = course.draw_order(), course.now
        rate = course.set_rates()
        picked = order[course.at.place * batch :][:batch]
        mirrored = course.first_mirrored[picked] ^ bool(course.at.epoch % 2) if settings.data.flip else None
        pictures = augment(images[picked], course.random, mirrored, settings.data.shift, settings.data.cutout)
        smoothing = settings.training.label_smoothing
        due = _due(course)
        gradients: list[Tensor] = []
        sums = step(
            course.model,
            pictures,
            labels[picked].long(),
            course.optimizers,
            smoothing,
            precision,
            gradients.append if due or tell else None,
        )
        course.sums += sums
        course.count(step=course.at.step + 1, place=course.at.place + 1)
        loss, right, seen = course.sums.tolist() if due or tell else (0.0, 0.0, 1.0)  # waits for the device
        took = time.perf_counter() - began
        course.waited += took
        course.count(seconds=course.at.seconds + took)
        if not due and not tell:
            continue
        if not math.isfinite(loss):
            yield Failed(course.at.step, diverged(course))
            return
        yield _progress(course, rate, loss, right, seen, gradients)
        if due:  # what is told out of turn changes nothing in what is told in turn
            course.count(rate=_smoothed(course, seen))
            course.sums.zero_()
            course.waited = 0.0


def _due(course: Course) -> bool:
    """Whether the next step is told in any case: the first, each so many, and the last of an epoch."""
    every = min(math.ceil(course.steps / REPORTS), PATIENCE)
    step, last = course.at.step + 1, course.at.place + 1 == course.steps_an_epoch
    return step == 1 or not step % every or last or step >= course.steps


def _progress(
    course: Course, learning_rate: float, loss: float, right: float, seen: float, gradients: list[Tensor]
) -> Progress:
    """Tells the steps since the last one that was told in turn."""
    at, settings = course.at, course.now.training
    rate = _smoothed(course, seen)
    left = (course.steps - at.step) * settings.batch / rate if rate else 0.0
    return Progress(
        step=at.step,
        steps=course.steps,
        epoch=at.epoch + at.place / course.steps_an_epoch,
        loss=loss / seen,
        accuracy=right / seen,
        learning_rate=learning_rate,
        images_per_second=seen / course.waited if course.waited else 0.0,
        seconds=at.seconds,
        seconds_left=max(0.0, min(left, settings.seconds - at.seconds) if settings.seconds else left),
        gradients=tuple(float(f"{norm:.4g}") for norm in gradients[0].tolist()) if gradients else (),
    )


def _smoothed(course: Course, seen: float) -> float:
    """Pictures a second, the last ones counted for a tenth."""
    speed = seen / course.waited if course.waited else 0.0
    return 0.9 * course.at.rate + 0.1 * speed if course.at.rate else speed


def step(
    model: CNNGRU,
    images: Tensor,
    labels: Tensor,
    optimizers: list[torch.optim.Optimizer],
    smoothing: float,
    precision: str,
    watch: Callable[[Tensor], None] | None = None,
) -> Tensor:
    """One step on images (B, 3, 32, 32) uint8 and labels (B,). Returns (summed loss, right answers, B).

    watch   gets the norm of the loss's gradient by the features of each row, (T,)
    """
    with autocast(images.device, precision):
        rows = model.encoder(images.float() / 255)  # (B, T, F)
        logits = model.classify(rows)
    if watch is not None and rows.requires_grad:
        rows.register_hook(lambda gradient: watch(gradient.detach().float().norm(dim=(0, 2))))
    loss = cross_entropy(logits.float(), labels, label_smoothing=smoothing)
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    right = (logits.argmax(1) == labels).sum()
    return torch.stack((loss.detach() * len(labels), right, torch.full_like(right, len(labels))))


def diverged(course: Course) -> str:
    return (
        f"The loss stopped being a number at step {course.at.step}: the steps were too large. "
        f"Start again with a smaller learning rate (it was {course.now.training.learning_rate:g})."
    )
