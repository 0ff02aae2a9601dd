"""A run with certain settings, for the benchmarks that compare finished ones."""

import sys

from cnngru.config import Config
from cnngru.runs import compare, standard, store
from cnngru.runs.engines import LocalEngine
from cnngru.runs.store import Run


def trained(config: Config) -> Run:
    """The finished run with these settings: one that is there, or a new one, waited for."""
    run = standard.found(config, store.all_runs())
    if run is None:
        name = standard.name(config, [run.name for run in store.all_runs()])
        run = store.get(LocalEngine().start(config, name))
    run = store.wait(run.name)
    if run.status != "finished":
        raise SystemExit(f"{run.name} is {run.status}: {run.events[-1].get('reason', 'see its worker.log')}")
    print(f"  {run.name}: {compare.row(run)}", file=sys.stderr, flush=True)
    return run
