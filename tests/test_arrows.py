"""Arrows point inwards only, and what is pure stays pure: the imports of every module, read from its source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parent.parent / "functions"
APPS = ("task_state", "failure_alert", "rerun", "deploy_state", "slack_action")
OUTER = ("boto3", "botocore", "aws_lambda_powertools", "slack_sdk")
ALLOWED_OUTSIDE = {"re2", *sys.stdlib_module_names}
"""For everything but adapters, telemetry, wiring and the handlers."""
OWN = {
    "task_state": "cronmend.care.stopped",
    "failure_alert": "cronmend.care.tell",
    "rerun": "cronmend.care.due",
    "deploy_state": "cronmend.care.deploy",
    "slack_action": "cronmend.care.click",
}
"""The use case that only this function has."""
TELLS_SLACK = ("failure_alert", "slack_action")
MAY_NOT_SEE = {
    "care": ("cronmend.adapters", "cronmend.wiring", "cronmend.settings", "cronmend.telemetry"),
    "adapters": ("cronmend.care", "cronmend.wiring", "cronmend.telemetry"),
    "pure": ("cronmend.care", "cronmend.adapters", "cronmend.wiring", "cronmend.telemetry", "cronmend.settings"),
}
NOT_PURE = ("adapters", "care", "wiring", "telemetry", "settings")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(layer: str) -> list[Path]:
    library = FUNCTIONS / "cronmend"
    if layer == "pure":
        return [p for p in library.rglob("*.py") if p.relative_to(library).parts[0].removesuffix(".py") not in NOT_PURE]
    return sorted((library / layer).rglob("*.py"))


@pytest.mark.parametrize("layer", MAY_NOT_SEE)
def test_no_arrow_points_outwards(layer: str) -> None:
    found = modules(layer)
    assert found
    wrong = [
        f"{path.relative_to(FUNCTIONS)} imports {name}"
        for path in found
        for name in imported(path)
        if name.startswith((*MAY_NOT_SEE[layer], *(f"{app}." for app in APPS)))
    ]
    assert wrong == []


@pytest.mark.parametrize("layer", ["pure", "care"])
def test_the_core_imports_the_standard_library_and_re2_only(layer: str) -> None:
    foreign = [
        f"{path.relative_to(FUNCTIONS)} imports {name}"
        for path in modules(layer)
        for name in imported(path)
        if (root := name.split(".")[0]) and root not in ALLOWED_OUTSIDE and root != "cronmend"
    ]
    assert foreign == []


@pytest.mark.parametrize("app", APPS)
def test_a_handler_sees_wiring_events_nouns_and_telemetry_only(app: str) -> None:
    names = {name for name in imported(FUNCTIONS / app / "app.py") if name.startswith("cronmend.")}
    nouns = {"cronmend.conversations", "cronmend.conversations.Conversation"}
    readers = {"cronmend.events", "cronmend.deploy_events", "cronmend.slack_requests"}
    own = {"cronmend.wiring", f"cronmend.wiring.{app}"}
    allowed = own | nouns | readers | {n for n in names if n.startswith("cronmend.telemetry")}
    assert names <= allowed


def loaded(imported: str, among: tuple[str, ...]) -> list[str]:
    """Which of these modules a fresh Python has loaded after the import."""
    code = f"import sys, {imported}; print(*(m for m in {among} if m in sys.modules))"
    asked = [sys.executable, "-c", code]
    done = subprocess.run(asked, cwd=FUNCTIONS, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    return done.stdout.split()


def test_importing_the_core_starts_nothing_heavy() -> None:
    assert loaded("cronmend.care.stopped, cronmend.care.due", OUTER) == []


@pytest.mark.parametrize("app", APPS)
def test_a_cold_start_loads_what_its_own_function_does(app: str) -> None:
    slack = ["slack_sdk"] if app in TELLS_SLACK else []
    assert loaded(f"{app}.app", (*OWN.values(), "slack_sdk")) == [OWN[app], *slack]
