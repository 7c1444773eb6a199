"""Measure the speed of the diagnosis. A ratio compares within one run, because a busy machine slows both sides."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import re2

from cli.bench import traces
from cli.diagnosis.rules import loaded
from cronmend.diagnosis.ruleset import Rule, Where, is_case_sensitive
from cronmend.diagnosis.steps import diagnose
from cronmend.model import Container, DeployWindow, Evidence, Log, StoppedTask, TaskDefinitionRef, WindowState

LINES: Final = 80
LONG: Final = 2_000
START: Final = "from cronmend.diagnosis import rule_files, steps; rule_files.shipped().ready()"
ON_LOG: Final = (Where.TYPE, Where.MESSAGE, Where.ERROR, Where.CAUSE, Where.LINE)

_ENDS: Final = (
    (
        "Traceback (most recent call last):",
        '  File "/app/manage.py", line 22, in <module>',
        "    main()",
        '  File "/usr/local/lib/python3.13/site-packages/django/db/backends/utils.py", line 89, in _execute',
        "    return self.cursor.execute(sql, params)",
        'django.db.utils.ProgrammingError: relation "shop_order" does not exist',
        "LINE 1: SELECT * FROM shop_order",
    ),
    (
        'Exception in thread "main" com.example.JobException: export failed',
        "\tat com.example.Export.main(Export.java:17)",
        "Caused by: java.net.ConnectException: Connection refused",
        "\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)",
        "\t... 3 more",
    ),
    (
        "TypeError: Cannot read properties of undefined (reading 'email')",
        "    at digest (/app/jobs/digest.js:14:27)",
        "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
        "",
        "Node.js v22.11.0",
    ),
    ("2026/11/23 08:07:38 fetch rates: dial tcp 10.0.12.41:443: i/o timeout",),
    ('{"level":"error","msg":"job failed","err":{"type":"Error","message":"connect ECONNREFUSED 10.0.0.1:6379"}}',),
    ("2026-11-23 07:21:01,679 ERROR job - Job failed",),
)


def measure(seconds: float = 1.0) -> dict[str, float | int | dict[str, float]]:
    """The results of ``cronmend bench``.

    ``ratio_to_re``: how many times longer the same rules take one by one with ``re`` on the same logs.
    ``ratio_to_scan``: how many times longer a diagnosis takes than one ``re2.Set`` of all rules over the same bytes;
    ``ratio_to_scan_of_2000``: the same for logs of 2,000 lines.
    ``growth_per_doubling``: for logs of nothing but stack traces, how many times longer twice as many lines take.
    """
    rules = loaded(None)
    runs = [_evidence(_log(end)) for end in _ENDS]
    long = [_evidence(_log(end, LONG)) for end in _ENDS]
    each = _time(lambda: [diagnose(run) for run in runs], seconds) / len(runs)
    each_long = _time(lambda: [diagnose(run) for run in long], seconds) / len(long)
    texts, long_texts = _texts(runs), _texts(long)
    rows = [row for row in rules.rows if row.where in ON_LOG]
    scan = _time(_scan(rows, texts), seconds / 2) / len(runs)
    scan_long = _time(_scan(rows, long_texts), seconds / 2) / len(long)
    by_re = _time(_one_by_one(rows, texts), seconds / 2) / len(runs)
    big = _megabyte()
    return {
        "diagnoses_per_second": round(1 / each),
        "mb_per_second": round(1 / _time(lambda: diagnose(big), seconds / 4), 1),
        "ratio_to_re": round(by_re / each, 1),
        "ratio_to_scan": round(each / scan, 2),
        "ratio_to_scan_of_2000": round(each_long / scan_long, 2),
        "start_ms": round(_start_ms(), 1),
        "rules": len(rules.rows),
        "growth_per_doubling": traces.growth(lambda log: diagnose(_evidence(log))),
    }


def _time(work: Callable[[], object], seconds: float) -> float:
    """The shortest time of one call, after one to warm up: other work on the machine only adds to it."""
    work()
    times: list[float] = []
    end = perf_counter() + seconds
    while perf_counter() < end or len(times) < 3:
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def _log(end: tuple[str, ...], lines: int = LINES) -> Log:
    ordinary = (
        f"2026-11-23 07:20:{n % 60:02},{n:03} INFO job - exported order {n * 7919} to the partner" for n in range(lines)
    )
    return (*list(ordinary)[: lines - len(end)], *end)


def _texts(runs: list[Evidence]) -> list[str]:
    return ["\n".join(run.log) for run in runs if isinstance(run.log, tuple)]


def _megabyte() -> Evidence:
    """1 MB of log with the error at its end."""
    ordinary = "2026-11-23 07:20:00,000 INFO job - exported order 48151623 of customer 42 to the partner's inbox"
    return _evidence((*[ordinary] * (1_000_000 // len(ordinary)), *_ENDS[0]))


def _evidence(log: Log) -> Evidence:
    arn = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:42"
    task = StoppedTask(
        task_arn="arn:aws:ecs:eu-west-2:111122223333:task/app/0",
        cluster_arn="arn:aws:ecs:eu-west-2:111122223333:cluster/app",
        task_definition=TaskDefinitionRef("webapp", 42),
        task_definition_arn=arn,
        containers=(Container("app", 1),),
        job_container="app",
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
    )
    return Evidence(task, log, DeployWindow(WindowState.CLOSED))


def _scan(rows: list[Rule], texts: list[str]) -> Callable[[], object]:
    options = re2.Options()
    options.max_mem = 64 << 20
    automaton = re2.Set.SearchSet(options)
    for row in rows:
        automaton.Add(row.pattern if is_case_sensitive(row.pattern) else f"(?i){row.pattern}")
    automaton.Compile()
    return lambda: [automaton.Match(text) for text in texts]


def _one_by_one(rows: list[Rule], texts: list[str]) -> Callable[[], object]:
    patterns: list[Any] = [
        re.compile(row.pattern, 0 if is_case_sensitive(row.pattern) else re.IGNORECASE) for row in rows
    ]
    return lambda: [bool(pattern.search(text)) for text in texts for pattern in patterns]


def _start_ms() -> float:
    """Time to import, load and compile, minus that of an empty interpreter; each is the shortest of several starts."""
    return (_interpreter(START) - _interpreter("pass")) * 1000


def _interpreter(code: str) -> float:
    root = Path(__file__).parents[2] / "functions"
    times: list[float] = []
    for _ in range(7):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=root)  # noqa: S603 (this interpreter, own code)
        times.append(perf_counter() - start)
    return min(times)
