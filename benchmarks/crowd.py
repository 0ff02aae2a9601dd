"""A class that watches one run: `python -m benchmarks.crowd [--sessions 30] [--seconds 60] [--minutes 0]`.

A run trains (RowCue, quick, CNNGRU's own worker); then so many sessions open its Train page over real WebSockets, as
browsers do, and tick each second. Measured: how much slower the run trains while they watch, and how long after an
epoch's event each session is sent the sentence that names it. The two ways take turns: nobody, everybody, nobody.
With --minutes they stay on, and the server's memory is told as it goes.
"""

import argparse
import asyncio
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.machine import describe
from benchmarks.page_times import server
from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs import engines, store

AFTER = re.compile(rb"after epoch (\d+)")
LARGEST = 64_000_000  # bytes of a message


async def watch(address: str, run: str, seen: dict[int, list[float]], until: asyncio.Event) -> None:
    """One session: it draws what it is told, and looks again as often as the page asks for."""
    url = address.replace("http", "ws") + "/_stcore/stream"
    known: set[int] = set()
    timers: dict[str, asyncio.Task] = {}
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=LARGEST, ping_interval=None) as socket:

        async def send(fragment: str = "") -> None:
            message = BackMsg()
            message.rerun_script.query_string = f"run={run}"
            message.rerun_script.page_name = "train"
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = bool(fragment)
            await socket.send(message.SerializeToString())

        async def tick(fragment: str, interval: float) -> None:
            while True:
                await asyncio.sleep(interval)
                await send(fragment)

        await send()
        while not until.is_set():
            try:
                data = await asyncio.wait_for(socket.recv(), timeout=1)
            except TimeoutError:
                continue
            for found in AFTER.findall(data):
                if int(found) not in known:
                    known.add(int(found))
                    seen[int(found)].append(time.time())
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "auto_rerun" and message.auto_rerun.fragment_id not in timers:
                job = tick(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                timers[message.auto_rerun.fragment_id] = asyncio.create_task(job)
            elif kind == "stop_auto_rerun":
                for timer in timers.values():
                    timer.cancel()
                timers.clear()
        for timer in timers.values():
            timer.cancel()


async def crowd(
    address: str, run: str, sessions: int, seconds: float, pid: int, every: float
) -> dict[int, list[float]]:
    """So many sessions for so long. Returns when each epoch was first seen, by session; prints the server's memory."""
    seen: dict[int, list[float]] = defaultdict(list)
    until = asyncio.Event()
    watchers = [asyncio.create_task(watch(address, run, seen, until)) for _ in range(sessions)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(min(every, end - time.monotonic() + 0.01))
        print(f"{time.strftime('%H:%M:%S')}  server {memory(pid):.0f} MB", flush=True)
    until.set()
    for result in await asyncio.gather(*watchers, return_exceptions=True):
        if isinstance(result, BaseException):
            print(f"a session ended: {result!r}")
    return seen


def memory(pid: int) -> float:
    """Resident, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def steps_a_second(run: str, begin: float, end: float) -> float:
    """Steps on the clock between two moments."""
    told = [(event["time"], event["step"]) for event in store.get(run).events_of("progress")]
    inside = [(at, step) for at, step in told if begin <= at <= end]
    (first, low), (last, high) = inside[0], inside[-1]
    return (high - low) / (last - first)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--minutes", type=float, default=0, help="go on watching, for the server's memory")
    args = parser.parse_args()
    os.environ["CNNGRU_CHECKPOINTS"] = tempfile.mkdtemp()
    config = preset("quick", "rowcue")
    for setting, value in {"data.pictures": 6000, "training.epochs": 1000, "training.batch": 100}.items():
        config = override(config, setting, value)
    print(f"{describe()}\n{args.sessions} sessions\n")
    run = engines.choose().start(config)
    try:
        with server() as address:
            pid = int(subprocess.check_output(["pgrep", "-n", "-f", f"server.port {address.rsplit(':', 1)[1]}"]))
            while not store.get(run).last("validated"):
                time.sleep(0.2)
            asyncio.run(crowd(address, run, 1, 10, pid, 10))  # its modules are loaded
            moments = [time.time()]
            time.sleep(args.seconds)
            moments.append(time.time())
            seen = asyncio.run(crowd(address, run, args.sessions, args.seconds, pid, 10))
            moments.append(time.time())
            time.sleep(args.seconds)
            moments.append(time.time())
            alone, watched, again = (steps_a_second(run, *moment) for moment in itertools.pairwise(moments))
            plain = (alone + again) / 2
            epochs = {event["epoch"]: event["time"] for event in store.get(run).events_of("validated")}
            whole = {
                epoch: times for epoch, times in seen.items() if moments[1] + 5 < epochs.get(epoch, 0) < moments[2] - 3
            }
            lags = [at - epochs[epoch] for epoch, times in whole.items() for at in times]
            missed = sum(args.sessions - len(times) for times in whole.values())
            print(f"\nsteps a second: {alone:.2f} alone, {watched:.2f} watched, {again:.2f} alone again")
            print(f"slower by {100 * (1 - watched / plain):.1f} %")
            print(
                f"{len(whole)} epochs, seen {len(lags)} times, missed {missed} times; seconds until they were seen: ",
                end="",
            )
            print(f"median {statistics.median(lags):.2f}, most {max(lags):.2f}")
            if args.minutes:
                asyncio.run(crowd(address, run, args.sessions, 60 * args.minutes, pid, 30))
    finally:
        engines.choose().stop(run, force=True)


if __name__ == "__main__":
    sys.exit(main())
