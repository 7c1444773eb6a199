"""Imports point inwards and down only: the order of the rooms, and what each layer may import."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.structure import PACKAGES, arrows, floors, imported, room_of

FUNCTIONS = ROOT / "functions"
LIBRARY = PACKAGES["cronmend"]
APPS = (
    "task_state",
    "failure_alert",
    "rerun",
    "deploy_state",
    "slack_action",
    "reconcile",
    "job_board",
    "board_action",
)
OUTER = ("boto3", "botocore", "aws_lambda_powertools", "slack_sdk")
ORDER = (
    {"model", "errors", "wording", "patterns"},
    {"redact", "deploys", "telemetry", "escapes"},
    {"jobs", "incoming", "diagnosis"},
    {"alerting"},
    {"healing", "ports"},
    {"board"},
    {"use_cases", "adapters", "settings", "answers", "queues"},
    {"wiring"},
)
"""Each room may import rooms of the groups before its own, never of its own or a later one."""
PURE = {
    "model",
    "wording",
    "errors",
    "patterns",
    "escapes",
    "redact",
    "deploys",
    "jobs",
    "incoming",
    "diagnosis",
    "alerting",
}
CORE = PURE | {"healing", "ports", "board", "use_cases", "answers"}
ALLOWED_OUTSIDE = {"msgspec", "re2", *sys.stdlib_module_names}
"""For the core; adapters, telemetry, queues, settings, wiring and the handlers may import more."""
READERS = {
    f"cronmend.incoming.{name}"
    for name in (
        "task_events",
        "start_failures",
        "own_payloads",
        "alarm_events",
        "alert_payloads",
        "deploy_events",
        "slack_requests",
        "dashboard_events",
        "queued",
    )
}
_TIMERS = "cronmend.model.wakeups"
WAKEUPS = {_TIMERS, *(f"{_TIMERS}.{name}" for name in ("RerunTimer", "ReleaseTimer", "HoldTimer"))}
"""A handler may choose by them, so that it builds only what the wake-up needs."""
USES_SLACK_SDK = ("failure_alert", "slack_action")
USES_CONVERSATIONS = (*USES_SLACK_SDK, "job_board", "board_action")
FACES = {"model", "deploys", "diagnosis/fatal_error", "alerting/render", "redact"}
"""Packages that export names; importing a module of any other package loads only that module."""


def modules(rooms: set[str]) -> list[Path]:
    return sorted(path for path in LIBRARY.rglob("*.py") if room_of(path, LIBRARY) in rooms)


def test_every_room_imports_lower_rooms_only() -> None:
    level = {room: number for number, rooms in enumerate(ORDER) for room in rooms}
    found = arrows("cronmend")
    assert found.keys() == level.keys()
    upwards = [f"{room} -> {to}" for room, seen in found.items() for to in seen if level[to] >= level[room]]
    assert upwards == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_rooms_import_each_other_in_a_circle(package: str) -> None:
    assert floors(arrows(package))


def test_a_circle_is_found() -> None:
    with pytest.raises(ValueError, match="among a, b"):
        floors({"a": frozenset({"b"}), "b": frozenset({"a"}), "c": frozenset()})


def test_no_module_of_the_library_imports_a_handler() -> None:
    handlers = tuple(f"{app}." for app in APPS)
    wrong = [
        f"{path.relative_to(FUNCTIONS)} imports {name}"
        for path in LIBRARY.rglob("*.py")
        for name in imported(path)
        if name.startswith(handlers)
    ]
    assert wrong == []


def test_the_core_imports_the_standard_library_msgspec_and_re2_only() -> None:
    found = modules(CORE)
    assert found
    foreign = [
        f"{path.relative_to(FUNCTIONS)} imports {name}"
        for path in found
        for name in imported(path)
        if (root := name.split(".")[0]) and root not in ALLOWED_OUTSIDE and root != "cronmend"
    ]
    assert foreign == []


def test_packages_without_a_face_import_nothing() -> None:
    """A package that imported its modules would load all of them at a cold start."""
    importing = {
        path.parent.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("__init__.py") if any(imported(path))
    }
    assert importing == FACES


@pytest.mark.parametrize("app", APPS)
def test_one_stem_per_function(app: str) -> None:
    assert (FUNCTIONS / app / "app.py").is_file()
    assert (LIBRARY / f"wiring/{app}.py").is_file()
    assert (LIBRARY / f"use_cases/{app}.py").is_file()


@pytest.mark.parametrize("app", APPS)
def test_a_handler_imports_its_wiring_the_readers_of_events_errors_and_telemetry_only(app: str) -> None:
    names = {name for name in imported(FUNCTIONS / app / "app.py") if name.startswith("cronmend.")}
    own = {"cronmend.wiring", f"cronmend.wiring.{app}", "cronmend.incoming", "cronmend.answers"}
    own |= {"cronmend.queues", "cronmend.queues.Consumer", "cronmend.queues.passed"}
    own |= {"cronmend.incoming.queued.QueuedEvent"}
    messages = {"cronmend.alerting.conversations", "cronmend.model.report"}
    nouns = {*messages, "cronmend.alerting.conversations.Conversation", "cronmend.model.report.Message", *WAKEUPS}
    nouns |= {"cronmend.model.incident", "cronmend.model.incident.RunRecord"}
    # An error's name says what the caller does next.
    named = {name for name in names if name.startswith(("cronmend.telemetry", "cronmend.errors"))}
    assert names <= own | nouns | READERS | named


def loaded(imported: str, among: tuple[str, ...]) -> list[str]:
    """Which of these modules a fresh Python has loaded after the import."""
    code = f"import sys, {imported}; print(*(m for m in {among} if m in sys.modules))"
    asked = [sys.executable, "-c", code]
    done = subprocess.run(asked, cwd=FUNCTIONS, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    return done.stdout.split()


def test_importing_the_core_starts_nothing_heavy() -> None:
    assert loaded("cronmend.use_cases.task_state, cronmend.use_cases.rerun", OUTER) == []


def test_the_ledger_loads_no_upgrade_of_reports_until_an_old_item_needs_it() -> None:
    old = "cronmend.adapters.ledger.report_forms"
    assert loaded("cronmend.adapters.ledger.ledger", (old, "cronmend.adapters.ledger.stored_form")) == [
        "cronmend.adapters.ledger.stored_form"
    ]


@pytest.mark.parametrize("app", APPS)
def test_a_cold_start_loads_what_its_own_function_does(app: str) -> None:
    own = tuple(f"cronmend.use_cases.{each}" for each in APPS)
    slack = ["slack_sdk"] if app in USES_SLACK_SDK else []
    conversations = ["cronmend.alerting.conversations"] if app in USES_CONVERSATIONS else []
    watched = (*own, "slack_sdk", "cronmend.alerting.conversations")
    assert loaded(f"{app}.app", watched) == [f"cronmend.use_cases.{app}", *slack, *conversations]
