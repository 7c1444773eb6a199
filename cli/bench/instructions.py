"""How many instructions a failure costs ``task_state``: the same on a busy machine, unlike its time. Needs valgrind."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cli.bench.canned_account import Account
from cli.bench.loopback import on_loopback
from cli.bench.scene_events import Case, queued, stopped
from cli.bench.scenes import ENVIRONMENT, jobs
from cronmend.jobs.identity import NAME_KEPT, SCHEDULER
from cronmend.model import Category
from local.aws import REGION

COLD: Final = "a failure in a new container"
WARM: Final = "a further failure"
GOALS: Final = {COLD: 1_900, WARM: 80}
"""Millions of instructions; the first from the start of Python to the answer."""
_FURTHER: Final = 5
"""So many more failures are handled in the same container."""
_VALGRIND: Final = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
_ROOT: Final = Path(__file__).parents[2]
_CASE: Final = Case("a run fails: a bug", Category.SCHEMA_MISMATCH)
_STOPPED_BEFORE: Final = timedelta(minutes=3)
_REFS: Final = re.compile(r"^==\d+== +I +refs: +([\d,]+)$", re.MULTILINE)


class NotCounted(RuntimeError):
    """The program ended with an error, or valgrind counted nothing."""


def is_possible() -> bool:
    return shutil.which(_VALGRIND[0]) is not None


def measured() -> dict[str, float]:
    """Millions of instructions of each kind of failure in :data:`GOALS`.

    Raises:
        NotCounted: the function or valgrind failed.
    """
    with ThreadPoolExecutor() as pool:
        cold, all_of_them = pool.map(_counted, (1, 1 + _FURTHER))
    return {COLD: round(cold / 1e6, 1), WARM: round((all_of_them - cold) / _FURTHER / 1e6, 1)}


def _counted(failures: int) -> int:
    with container(failures) as program:
        ran = program.run(_VALGRIND)
    if ran.returncode:
        raise NotCounted(f"the function ended with code {ran.returncode}: {ran.stderr[-2_000:]}")
    return refs(ran.stderr)


def refs(report: str) -> int:
    """The instructions that cachegrind counted.

    Raises:
        NotCounted: the report has no such number.
    """
    if (found := _REFS.search(report)) is None:
        raise NotCounted(f"valgrind's report has no line with I refs: {report[-500:]}")
    return int(found[1].replace(",", ""))


@dataclass(frozen=True, slots=True)
class Container:
    """A program that handles some failures, and the account that answers it."""

    command: Sequence[str]
    environment: dict[str, str] = field(repr=False)
    account: Account

    def run(self, below: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """``below``: the command that runs the program."""
        return subprocess.run(  # noqa: S603 # this interpreter, own code
            [*below, *self.command], env=self.environment, capture_output=True, text=True, check=False
        )


@contextmanager
def container(failures: int) -> Iterator[Container]:
    """Of ``task_state``, for so many failures of different jobs, as it starts in Lambda."""
    account = Account(jobs(failures))
    events = [{"Records": [queued(_failed(name, number))]} for number, name in enumerate(account.schedules)]
    with TemporaryDirectory() as folder, on_loopback(account) as url:
        file = Path(folder, "events.json")
        file.write_text(json.dumps(events), encoding="utf-8")
        environment = {
            **ENVIRONMENT,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(_ROOT / "functions"),
            "PYTHONHASHSEED": "0",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_DEFAULT_REGION": REGION,
        }
        program = (sys.executable, str(Path(__file__).with_name("one_container.py")), str(file))
        yield Container(program, environment, account)


def _failed(name: str, number: int) -> Mapping[str, Any]:
    return stopped(name, _CASE, f"a{number}", f"{SCHEDULER}{name[:NAME_KEPT]}", _STOPPED_BEFORE)
