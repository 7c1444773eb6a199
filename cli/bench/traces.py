"""Logs that consist of one runtime's stack traces: does the time to diagnose them grow with their length only?"""

from collections.abc import Callable
from time import process_time
from typing import Final

from cronmend.model import Log

LONGEST: Final = 2_000
"""Lines; as many as the diagnosis reads."""
REPEATED: Final = 3
MESSAGES: Final = ("order 4711 has no customer", "connect to 10.0.12.41:5432: Connection refused")
"""A bug, and a trouble that may be over in a later run: for the second, every error before it counts, too."""

TRACES: Final = {
    "C++": "terminate called after throwing an instance of 'std::runtime_error'\n  what():  {message}",
    "Dart": "Unhandled exception:\nException: {message}\n#0      run (file:///app/bin/job.dart:7:3)\n#1      main",
    "Elixir": "** (RuntimeError) {message}\n    (app 1.0.0) lib/job.ex:3: Job.run/0",
    "Go": "panic: {message}\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:7 +0x1\nexit status 2",
    "Java": (
        "java.lang.IllegalStateException: {message}\n\tat com.example.Job.run(Job.java:17)\n"
        "Caused by: java.io.IOException: {message}\n\t... 3 more"
    ),
    "Julia": "ERROR: LoadError: {message}\nStacktrace:\n [1] error(s::String)\n   @ Base ./error.jl:35",
    ".NET": "System.InvalidOperationException: {message}\n   at Job.Run()\n   at Program.Main(String[] args)",
    "Node": "Error: {message}\n    at run (/app/jobs/digest.js:14:27)\n    at main (/app/index.js:1:2)",
    "Perl": "{message} at /app/job.pl line 7.",
    "PHP": (
        "PHP Fatal error:  Uncaught RuntimeException: {message} in /app/job.php:3\nStack trace:\n#0 {{main}}\n"
        "  thrown in /app/job.php on line 3"
    ),
    "Python": (
        'Traceback (most recent call last):\n  File "/app/job.py", line 3, in <module>\n    run()\n'
        "RuntimeError: {message}"
    ),
    "Python, chained": (
        'Traceback (most recent call last):\n  File "/app/job.py", line 3, in <module>\n    run()\n'
        "RuntimeError: {message}\n\n"
        "The above exception was the direct cause of the following exception:\n"
    ),
    "R": "Error in run(order) : {message}\nCalls: main -> run\nExecution halted",
    "Ruby": "/app/job.rb:3:in `run': {message} (RuntimeError)\n\tfrom /app/job.rb:6:in `<main>'",
    "Rust": "thread 'main' panicked at src/main.rs:2:5:\n{message}\nnote: run with `RUST_BACKTRACE=1`",
    "Rust, chained": "Error: {message}\n\nCaused by:\n    0: {message}\n    1: {message}",
    "Swift": "Fatal error: {message}: file app/main.swift, line 7\nCurrent stack trace:\n0    main    0x1 main + 1",
}
"""A trace for each runtime and for each way in which it repeats itself."""


def log_of(trace: str, message: str, lines: int) -> Log:
    """So many lines of this trace over and over; the log may start in the middle of one."""
    text = trace.format(message=message).split("\n")
    return tuple((text * (lines // len(text) + 1))[-lines:])


def growth(diagnose: Callable[[Log], object]) -> dict[str, float]:
    """For each runtime, how many times longer twice as many lines take: 2 is linear, 4 is quadratic."""
    return {
        name: round(max(_growth(diagnose, trace, message) for message in MESSAGES), 2) for name, trace in TRACES.items()
    }


def _growth(diagnose: Callable[[Log], object], trace: str, message: str) -> float:
    half, whole = (log_of(trace, message, lines) for lines in (LONGEST // 2, LONGEST))
    return _shortest(diagnose, whole) / _shortest(diagnose, half)


def _shortest(diagnose: Callable[[Log], object], log: Log) -> float:
    diagnose(log)
    times = []
    for _ in range(REPEATED):
        start = process_time()
        diagnose(log)
        times.append(process_time() - start)
    return max(min(times), 1e-6)
