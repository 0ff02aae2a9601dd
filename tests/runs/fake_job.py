"""tests/runs/fake_worker.py as a cluster's job: what it hands on are fakes, too."""

import sys

import fake_worker

from cnngru.runs import worker
from cnngru.runs.engines import ray_queue

if __name__ == "__main__":
    ray_queue.WORKER = (sys.executable, __file__)
    sys.exit(worker.main(train=fake_worker.train, save=fake_worker.save))
