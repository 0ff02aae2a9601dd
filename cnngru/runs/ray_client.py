"""What is asked of a Ray cluster's job server, in Ray's words. Ray is imported here, and when it is first needed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Protocol

ADDRESS = "http://127.0.0.1:8265"  # where `ray start --head` puts the job server
TIMEOUT = (2.0, 10.0)  # seconds to connect, and between two pieces of an answer
SUBMITTING = 40.0  # seconds: the head asks its agent first
NEEDS_RAY = "CNNGRU_ENGINE=ray needs Ray, which is not installed here: pip install -r requirements-ray.txt."


class CannotAsk(Exception):
    """The cluster cannot be asked, or has not answered. The message is for a person."""


@dataclass(frozen=True)
class Job:
    """status: PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED; message: Ray's, in its words."""

    status: str
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether it will never work again."""
        return self.status not in ("PENDING", "RUNNING")


class Client(Protocol):
    """What is asked of a cluster. Raises what it likes."""

    def jobs(self) -> dict[str, Job]: ...
    def cpus(self) -> list[float]: ...
    def submit(self, job: str, command: str, cpus: float) -> None: ...
    def stop(self, job: str) -> None: ...
    def forget(self, job: str) -> None: ...


def connect(address: str) -> Client:
    """Ray's own client. Raises CannotAsk, and what Ray does where nothing answers."""
    if not address.startswith(("http://", "https://")):
        raise CannotAsk(
            f"CNNGRU_RAY_ADDRESS must be the address of a cluster's job server, such as {ADDRESS}; it is "
            f"{address[:80]!r}."
        )
    # Its client puts this variable, and RAY_ADDRESS, above what it is told.
    os.environ["RAY_API_SERVER_ADDRESS"] = address
    try:
        from ray.job_submission import JobSubmissionClient
    except ImportError as error:
        raise CannotAsk(NEEDS_RAY) from error

    class InTime(JobSubmissionClient):  # type: ignore[misc, unused-ignore]
        """As Ray's, which waits for ever."""

        def _do_request(self, method: str, endpoint: str, **kwargs: Any) -> Any:
            kwargs.setdefault("timeout", (TIMEOUT[0], SUBMITTING) if method == "POST" else TIMEOUT)
            return super()._do_request(method, endpoint, **kwargs)

    return _RayClient(InTime(address))


class _RayClient:
    """What we ask of Ray, in its words."""

    def __init__(self, ray: Any):
        self.ray = ray

    def jobs(self) -> dict[str, Job]:
        return {
            job.submission_id: Job(job.status.value, job.message or "")
            for job in self.ray.list_jobs()
            if job.submission_id
        }

    def cpus(self) -> list[float]:
        answer = self.ray._do_request("GET", "/api/v0/nodes?detail=true&limit=1000")
        answer.raise_for_status()
        nodes = answer.json()["data"]["result"]["result"]
        return [float(node["resources_total"].get("CPU", 0)) for node in nodes if node["state"] == "ALIVE"]

    def submit(self, job: str, command: str, cpus: float) -> None:
        self.ray.submit_job(entrypoint=command, submission_id=job, entrypoint_num_cpus=cpus)

    def stop(self, job: str) -> None:
        self.ray.stop_job(job)

    def forget(self, job: str) -> None:
        self.ray.delete_job(job)
