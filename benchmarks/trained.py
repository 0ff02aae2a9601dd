"""What benchmarks that train a long time need not train again: runs that are there, and results that were kept."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnngru.comparison import metrics, plan
from cnngru.config import Config
from cnngru.runs import engines, store
from cnngru.runs.store import Run


def trained(config: Config) -> Run:
    """The finished run with these settings: one that is there, or a new one, waited for."""
    run = plan.existing(config, store.all_runs())
    if run is None:
        name = plan.free_name(config, [run.name for run in store.all_runs()])
        run = store.get(engines.choose().start(config, name))
    run = store.wait(run.name)
    if run.status != "finished":
        raise SystemExit(f"{run.name} is {run.status}: {run.events[-1].get('reason', 'see its worker.log')}")
    print(f"  {run.name}: {metrics.of(run)}", file=sys.stderr, flush=True)
    return run


def once(file: str, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `make` gives, or gave in an earlier call with that key; kept as a line of JSON in `file` ("": nowhere).

    The key does not know the settings: begin a new file when a preset has changed.
    """
    if file and Path(file).exists():
        for line in Path(file).read_text(encoding="utf-8").splitlines():
            kept = json.loads(line)
            if kept["key"] == key:
                return dict(kept["result"])
    result = make()
    if file:
        with open(file, "a", encoding="utf-8") as opened:
            opened.write(json.dumps({"key": key, "result": result}) + "\n")
    return result
