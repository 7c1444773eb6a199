"""Play the demo again and again, on machines of different speed: ``python -m tests.soak N [MODE…]``.

The story must never depend on how fast it is played. Each mode plays it N times; the log of a play that fails is kept.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local.account import STATE
from local.aws import search_path
from local.fargate.container import PREFIX
from local.processes import GuardedProcess
from tests import ROOT

CRONMEND = Path(sys.executable).with_name("cronmend")
SECONDS = 3600
PER_CORE = 2
BURN = (sys.executable, "-c", "while True: pass")
SLOW = """sh -c 'sleep 3; exec "$@"' sh"""
FAST = "nice -n -10"


@dataclass(frozen=True, slots=True)
class Mode:
    what: str
    busy: bool = False
    prefix: str = ""


MODES: Mapping[str, Mode] = {
    "rest": Mode("nothing else runs"),
    "busy": Mode(f"{PER_CORE} processes keep each core busy", busy=True),
    "slow-jobs": Mode("each job's process starts 3 seconds late", prefix=SLOW),
    "fast-jobs": Mode("jobs come first, everything else competes with busy processes", busy=True, prefix=FAST),
}


@dataclass(frozen=True, slots=True)
class Play:
    ok: bool
    seconds: float


@contextmanager
def busy_cores() -> Iterator[None]:
    """Processes that use all that the cores have; they end with this one."""
    with ExitStack() as stack:
        for _ in range(PER_CORE * (os.cpu_count() or 1)):
            process = GuardedProcess(BURN, environment={"PATH": search_path()}, directory=ROOT)
            stack.callback(process.stop)
        yield


def played(mode: Mode, log: Path) -> Play:
    """A play that hangs has failed."""
    started = time.monotonic()
    with log.open("wb") as output, suppress(subprocess.SubprocessError):
        subprocess.run(  # noqa: S603 - this project's own command
            [CRONMEND, "demo"],
            env={**os.environ, PREFIX: mode.prefix},
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=True,
        )
        log.unlink()
    return Play(not log.exists(), time.monotonic() - started)


def soak(name: str, times: int, write: Callable[[str], None]) -> list[Play]:
    mode, plays = MODES[name], []
    write(f"{name}: {mode.what}")
    with ExitStack() as stack:
        if mode.busy:
            stack.enter_context(busy_cores())
        for number in range(1, times + 1):
            log = STATE / f"soak-{name}-{number}.log"
            play = played(mode, log)
            plays.append(play)
            write(f"  {number:3} {'passed' if play.ok else f'FAILED, see {log}'} {play.seconds:6.0f} s")
    return plays


def row(name: str, plays: list[Play]) -> str:
    seconds = sorted(play.seconds for play in plays)
    middle = statistics.median(seconds)
    passed = sum(play.ok for play in plays)
    return f"{name:10} {passed:3} of {len(plays)} passed; {seconds[0]:.0f} / {middle:.0f} / {seconds[-1]:.0f} s"


def main(arguments: list[str]) -> int:
    times, names = int(arguments[0]), arguments[1:] or list(MODES)
    if unknown := set(names) - set(MODES):
        sys.stderr.write(f"There is no mode {', '.join(sorted(unknown))}. Choose from: {', '.join(MODES)}.\n")
        return 2
    STATE.mkdir(exist_ok=True)

    def write(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    results = {name: soak(name, times, write) for name in names}
    write("Passes; shortest, median and longest play")
    for name, plays in results.items():
        write(row(name, plays))
    return 0 if all(play.ok for plays in results.values() for play in plays) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
