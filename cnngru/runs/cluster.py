"""What a Ray cluster says of its jobs and computers, asked by HTTP and kept for a second, so that pages stay quick.

Whoever looks waits for two seconds at most: the asking is done in a thread, and a cluster that does not answer is told
in a sentence. The address is the one that is set here, never one that a run's folder names. Knows runs only by the
names of their jobs.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cnngru.runs.ray_client import ADDRESS, CannotAsk, Client, Job, connect

PREFIX = "cnngru-"  # of the names of our jobs
FRESH = 1.0  # seconds for which an answer is good
STALE = 10.0  # seconds for which it may stand in for one that is late
PATIENCE = 2.0  # seconds that a look takes at most
RETRY = 5.0  # seconds between two tries where there was no answer


class Refused(Exception):
    """The cluster has answered, and will not. The message is for a person."""


@dataclass(frozen=True)
class View:
    """What the cluster said.

    asked    when it was asked, by time.monotonic
    reached  when it was last asked and has answered; -inf for never
    jobs     ours, by name; cpus: of each computer that is up, the largest first
    problem  "" for an answer, else why there is none, for a person: jobs and cpus are then those of before
    """

    asked: float = -math.inf
    reached: float = -math.inf
    jobs: Mapping[str, Job] = field(default_factory=dict)
    cpus: tuple[float, ...] = ()
    problem: str = ""


class Cluster:
    """One cluster, asked by one thread at a time, whoever looks.

    connect    address -> Client; raises CannotAsk, or what the client's library does
    """

    def __init__(self, address: str, connect: Callable[[str], Client] = connect):
        self.address = address
        self.trouble = ""  # why it did not take the last job, for a person
        self._connect = connect
        self._client: Client | None = None
        self._view = View()
        self._changed = threading.Condition()
        self._asking_since: float | None = None
        self._late = False  # somebody has waited in vain for the answer that is on its way

    def seen(self) -> View:
        """What was said last, without asking."""
        return self._view

    def look(self, newer_than: float = -math.inf, patience: float | None = None) -> View:
        """What it says now, asked after the moment `newer_than`, by time.monotonic.

        patience    seconds that it takes at most, None for PATIENCE
        """
        wanted = max(newer_than, time.monotonic() - FRESH)
        deadline = time.monotonic() + (PATIENCE if patience is None else patience)
        with self._changed:
            while True:
                view, now = self._view, time.monotonic()
                rests = bool(view.problem) and now - view.asked < RETRY and newer_than == -math.inf
                if view.asked >= wanted or rests:
                    return view
                if self._asking_since is None:
                    self._asking_since = now
                    threading.Thread(target=self._ask, daemon=True).start()
                if (self._late and newer_than == -math.inf) or not self._changed.wait(max(0.0, deadline - now)):
                    self._late = True
                    return self._without_answer(view, newer_than, now)

    def _without_answer(self, view: View, newer_than: float, now: float) -> View:
        if view.asked >= newer_than and not view.problem and now - view.asked < STALE:
            return view
        return View(view.asked, view.reached, view.jobs, view.cpus, view.problem or f"{self._name} does not answer.")

    def _ask(self) -> None:
        asked = time.monotonic()
        before = self._view
        try:
            client = self.client()
            jobs, cpus = client.jobs(), client.cpus()
            ours = {name: job for name, job in jobs.items() if name.startswith(PREFIX)}
            view = View(asked, asked, ours, tuple(sorted(cpus, reverse=True)))
        except Exception as error:  # a library's, a network's, a proxy's: all of them mean that there is no answer
            view = View(asked, before.reached, before.jobs, before.cpus, self._explained(error))
        with self._changed:
            self._view, self._asking_since, self._late = view, None, False
            self._changed.notify_all()

    def client(self) -> Client:
        """Raises CannotAsk, or what the client's library does."""
        if self._client is None:
            self._client = self._connect(self.address)
        return self._client

    def submit(self, job: str, command: str, cpus: float) -> None:
        """Hands a job over; one that it has already is not taken twice. Raises CannotAsk, Refused."""
        try:
            self.client().submit(job, command, cpus)
            self.trouble = ""
        except Exception as error:  # see _ask
            try:
                if job in self.client().jobs():
                    return
            except Exception as failed:
                raise CannotAsk(self._explained(failed)) from error
            self.trouble = f"{self._name} does not take it: {_first_line(error)}"
            # What is wrong with the job stays so; what is wrong with the server may pass.
            raise (Refused if "status code 4" in str(error) else CannotAsk)(self.trouble) from error

    def stop(self, job: str) -> None:
        """Ends a job, after SIGTERM and some seconds. One that waits ends as soon as it has begun: Ray cannot sooner.

        Raises CannotAsk.
        """
        self._tell("stop", job)

    def forget(self, job: str) -> None:
        """Takes a job that is over off the cluster's list, which is sent whole at each look. Raises CannotAsk."""
        self._tell("forget", job)

    def _tell(self, what: str, job: str) -> None:
        try:
            getattr(self.client(), what)(job)
        except Exception as error:  # see _ask
            raise CannotAsk(self._explained(error)) from error

    @property
    def _name(self) -> str:
        return f"The cluster at {self.address}"

    def _explained(self, error: Exception) -> str:
        return str(error) if isinstance(error, CannotAsk) else f"{self._name} does not answer: {_first_line(error)}"


def address() -> str:
    """Where the cluster's job server is: $CNNGRU_RAY_ADDRESS, else ADDRESS."""
    return (os.environ.get("CNNGRU_RAY_ADDRESS") or ADDRESS).rstrip("/")


def current() -> Cluster:
    """The cluster that is set."""
    return _at(address())


@lru_cache(maxsize=8)
def _at(address: str) -> Cluster:
    return Cluster(address)


def _first_line(error: Exception) -> str:
    """What an error says, without what a server's traceback has before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" .")] or [type(error).__name__]
    return f"{lines[-1 if 'Traceback' in str(error) else 0][:200].rstrip('.:')}."
