"""A training between two steps: the network, its optimizers, the random generator and the counters, all that moves.

`loop.py` moves it; here it begins, is changed in flight, and is taken down as a `State` and taken up again from one.
"""

from __future__ import annotations

import dataclasses
import zlib
from dataclasses import dataclass

import torch
from torch import Tensor

from cnngru import data
from cnngru.config import Config
from cnngru.data.augment import take_turns
from cnngru.nn.classifier import CNNGRU
from cnngru.training import continuing, optim, state
from cnngru.training.state import Counters, State, StateError

WHITEN_FROM = 2000  # pictures, 256 patches each: plenty for the 12 × 12 covariance of the input


@dataclass
class Course:
    """What a training moves. config: what was asked for; now: with what was changed in flight.

    first_mirrored  (N,) bool: which pictures are mirrored in even epochs; the others are in odd ones
    order           (N,) the epoch's order, None before it is drawn; epoch_random: the generator just before that
    at              the counters; its `sums` lie on the device, in `sums`, until they are asked for
    """

    config: Config
    now: Config
    model: CNNGRU
    optimizers: list[torch.optim.Optimizer]
    random: torch.Generator
    first_mirrored: Tensor
    at: Counters
    sums: Tensor
    waited: float = 0.0  # seconds of training since the last Progress
    order: Tensor | None = None
    epoch_random: Tensor | None = None

    @property
    def steps_an_epoch(self) -> int:
        return max(1, self.at.pictures // self.config.training.batch)

    @property
    def steps(self) -> int:
        """In the whole run, if nothing ends it before its epochs are done."""
        return self.steps_an_epoch * self.now.training.epochs

    @property
    def progress(self) -> float:
        """How far it is, 0..1: the share of the steps or of the time, whichever is larger."""
        limit = self.now.training.seconds
        of_time = self.at.seconds / limit if limit else 0.0
        return min(1.0, max(self.at.step / self.steps, of_time))

    @property
    def out_of_time(self) -> bool:
        return bool(self.now.training.seconds) and self.at.seconds >= self.now.training.seconds

    @property
    def ended_by(self) -> str:
        """What ends the training here: "accuracy", "patience", "seconds" or "epochs"; "" for nothing yet."""
        asked = self.now.training
        if asked.until_accuracy and self.at.best >= asked.until_accuracy:
            return "accuracy"
        if asked.patience and self.at.worse >= asked.patience:
            return "patience"
        if self.out_of_time:
            return "seconds"
        return "epochs" if self.at.step >= self.steps else ""

    def count(self, **values: float) -> None:
        """Sets counters."""
        self.at = dataclasses.replace(self.at, **values)  # type: ignore[arg-type]

    def set_rates(self) -> float:
        """Sets the step sizes of the next step, and returns the learning rate of most of them: the schedule's factor
        times the peak. A learning rate that was changed in flight changes Muon's rates by as much."""
        factor = optim.lr_factor(self.now.training.schedule, self.progress)
        scale = self.now.training.learning_rate / self.config.training.learning_rate
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * scale * factor
        return self.now.training.learning_rate * factor

    def draw_order(self) -> Tensor:
        """The epoch's order of the pictures, (N,), drawn when the epoch begins."""
        if self.order is None:
            self.epoch_random = state.random_state(self.random)
            device = self.random.device
            self.order = torch.randperm(self.at.pictures, generator=self.random, device=device)
        return self.order

    def next_epoch(self) -> None:
        """After the epoch was validated."""
        self.count(epoch=self.at.epoch + 1, place=0)
        self.order = self.epoch_random = None

    def capture(self) -> State:
        """Takes it down. The tensors are the live ones: write them out, or copy them, before the next step."""
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for i, optimizer in enumerate(self.optimizers):
            for j, parameter in enumerate(_parameters(optimizer)):
                for name, value in optimizer.state.get(parameter, {}).items():
                    tensors[f"optimizer.{i}.{j}.{name}"] = value
        tensors["random.now"] = state.random_state(self.random)
        if self.epoch_random is not None:
            tensors["random.epoch"] = self.epoch_random
        loss, right, seen = self.sums.tolist()
        counters = dataclasses.replace(self.at, sums=(loss, right, seen, self.waited))
        return State(self.config, self.now, counters, tensors)


def begin(config: Config, dataset: data.Dataset, device: torch.device) -> Course:
    """A training before its first step."""
    random = torch.Generator(device).manual_seed(config.training.seed)
    model = _new_model(config, dataset, device)
    labels = dataset.train.labels.cpu().contiguous().numpy()
    return Course(
        config=config,
        now=config,
        model=model,
        optimizers=optim.optimizers(model, config.training),
        random=random,
        first_mirrored=take_turns(len(dataset.train), random),
        at=Counters(pictures=len(dataset.train), checksum=zlib.crc32(labels.tobytes())),
        sums=torch.zeros(3, device=device),  # loss, right answers, pictures since the last report
    )


def take_up(course: Course, taken: State) -> None:
    """Puts a training that has just begun where `taken` was. Raises StateError where they do not fit together.

    With the settings that the state was taken with, all goes on as it was, what was changed in flight included. With
    others, the settings of `course` hold from here on; another batch or seed brings a new order, from a whole epoch on.
    """
    continuing.check_continues(taken.config, course.config)
    same = taken.config == course.config
    if taken.counters.pictures and (taken.counters.pictures, taken.counters.checksum) != (
        course.at.pictures,
        course.at.checksum,
    ):
        raise StateError(
            f"The pictures are not the ones that this training has learnt from: there were "
            f"{taken.counters.pictures:,} and now there are {course.at.pictures:,}, or others. Bring them back, or "
            "start a new run."
        )
    _copy_into(course.model.state_dict(), taken, "model.")
    _restore_optimizers(course, taken)
    ordered = "random.now" in taken.tensors and continuing.keeps_order(taken.config, course.config)
    course.now = taken.now if same else course.config
    if not ordered:
        _begin_epoch(course, taken)
        return
    course.at = dataclasses.replace(taken.counters)
    loss, right, seen, course.waited = taken.counters.sums
    course.sums.copy_(torch.tensor((loss, right, seen)))
    if (began := taken.tensors.get("random.epoch")) is not None:
        _set_random(course.random, began)
        course.draw_order()
    _set_random(course.random, taken.tensors["random.now"])


def _begin_epoch(course: Course, taken: State) -> None:
    """Goes on with a whole epoch: the one that the state was in, or the next where it had only just ended."""
    counters = taken.counters
    if counters.pictures:
        batch = max(1, counters.pictures // taken.config.training.batch)
        epoch = counters.epoch + (counters.place >= batch)
    else:  # a snapshot says its step alone
        epoch = counters.step // max(1, course.at.pictures // taken.config.training.batch)
    course.count(
        step=epoch * course.steps_an_epoch,
        epoch=epoch,
        seconds=counters.seconds,
        rate=counters.rate,
        best=counters.best,
        worse=counters.worse,
    )


def _copy_into(tensors: dict[str, Tensor], taken: State, begins: str) -> None:
    """Copies the state's tensors of such names into those there are, whose layout in memory stays."""
    there = {name.removeprefix(begins): tensor for name, tensor in taken.tensors.items() if name.startswith(begins)}
    for name, tensor in tensors.items():
        if name not in there or there[name].shape != tensor.shape:
            raise StateError(f"The state does not fit the network: {name} is missing, or of another shape.")
        with torch.no_grad():
            tensor.copy_(there[name])


def _restore_optimizers(course: Course, taken: State) -> None:
    """What each optimizer knew of its parameters, where it is the same optimizer of the same parameters; else it begins
    anew, as after a change of the optimizer."""
    if taken.config.training.optimizer != course.config.training.optimizer:
        return
    for i, optimizer in enumerate(course.optimizers):
        for j, parameter in enumerate(_parameters(optimizer)):
            begins = f"optimizer.{i}.{j}."
            known = {
                name.removeprefix(begins): tensor for name, tensor in taken.tensors.items() if name.startswith(begins)
            }
            if any(tensor.ndim and tensor.shape != parameter.shape for tensor in known.values()):
                raise StateError("The state does not fit the optimizers: what it says is of another shape.")
            if known:
                optimizer.state[parameter] = {name: _as_kept(tensor, parameter) for name, tensor in known.items()}


def _as_kept(tensor: Tensor, parameter: Tensor) -> Tensor:
    """In the parameter's layout, in which the optimizer made it: another would sum in another order."""
    if not tensor.ndim:  # Adam's count of steps, which it keeps on the CPU
        return tensor.clone()
    return torch.empty_like(parameter, dtype=tensor.dtype).copy_(tensor)


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _set_random(generator: torch.Generator, kept: Tensor) -> None:
    try:
        generator.set_state(kept)
    except (RuntimeError, TypeError) as error:  # another kind of device, or damaged
        raise StateError(
            "The random numbers of this training were drawn on another kind of device: it cannot go on here. Continue "
            "it as a new run with another seed, which draws a new order."
        ) from error


def _new_model(config: Config, dataset: data.Dataset, device: torch.device) -> CNNGRU:
    """Weights from the seed, the input's statistics from the training pictures."""
    with torch.random.fork_rng(devices=[]):  # the weights are drawn on the CPU; the caller's random state there is kept
        torch.random.default_generator.manual_seed(config.training.seed)
        model = CNNGRU(config.model, dataset.classes)
        some = torch.randperm(len(dataset.train))[:WHITEN_FROM]  # a folder's pictures lie class by class
    model.encoder.fit_input(dataset.train.images[some].float() / 255)
    return model.to(device)
