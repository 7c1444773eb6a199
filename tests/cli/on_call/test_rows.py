"""Nothing that a person needs is cut off, however wide the terminal is."""

import io
from collections.abc import Sequence
from datetime import timedelta

import pytest
from rich.color import ColorSystem
from typer.testing import CliRunner

from cli import console
from cli.main import app
from cli.on_call.app import _incident_row
from cli.tables import JOB, TASK, print_rows
from cronmend.diagnosis.rule_files import load
from cronmend.model import Category, Diagnosis
from cronmend.model.incident import Incident, IncidentState, PlannedRerun
from tests.fakes import NOW

INCIDENTS = (JOB, "Since (UTC)", "State", "Runs", "Next")
LONG = (
    "cronmend-jobs/" + "a-very-long-name-" * 3,
    "27 Nov 18:47",
    "healing: dependency_unavailable",
    "3 (2 re-runs)",
    "acknowledged by ann (U012AB3CD), run 4 at 2026-11-28 18:42 UTC",
)
RUN = ("27 Nov 18:47:13", "0123456789abcdef" * 2, "1", "unknown → alert: nothing matches " + "/a/very/long/path" * 20)


def printed(
    monkeypatch: pytest.MonkeyPatch, width: int, columns: Sequence[str], row: Sequence[str], *, terminal: bool = True
) -> str:
    file = io.StringIO()
    # The private names: restoring the public ones would fix what is otherwise found out at each print.
    for name, value in {"_file": file, "_width": width, "_force_terminal": terminal, "no_color": True}.items():
        monkeypatch.setattr(console.out, name, value)
    print_rows(columns, [row, row])
    text = file.getvalue()
    return text.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
@pytest.mark.parametrize(("columns", "row"), [(INCIDENTS, LONG), (("Ended (UTC)", TASK, "Run", "Diagnosis"), RUN)])
def test_no_cell_is_cut_off_at_any_width(
    monkeypatch: pytest.MonkeyPatch, width: int, columns: Sequence[str], row: Sequence[str]
) -> None:
    text = printed(monkeypatch, width, columns, row)
    letters = {each: text.count(each) for each in set("".join(row)) - set(" ")}
    assert all(count >= 2 * "".join(row).count(each) for each, count in letters.items())
    assert all(len(line) <= max(width, len(row[0])) for line in text.splitlines())


def test_a_narrow_terminal_gets_a_block_for_each_row_and_a_wide_one_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow, wide = (printed(monkeypatch, width, INCIDENTS, LONG) for width in (80, 200))
    assert narrow.splitlines()[0].strip() == LONG[0]
    assert [line.split() for line in narrow.splitlines()][1] == ["Since", "(UTC)", "27", "Nov", "18:47"]
    assert wide.splitlines()[0].split() == ["Job", "Since", "(UTC)", "State", "Runs", "Next"]
    assert all(cell in wide.splitlines()[1] for cell in LONG)


def test_a_program_gets_a_line_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, 80, INCIDENTS, LONG, terminal=False).splitlines()
    assert len(lines) == 3
    assert all(cell in lines[1] for cell in LONG)


def test_what_is_due_on_another_day_has_its_date() -> None:
    planned = PlannedRerun(2, NOW + timedelta(days=30))
    diagnosis = Diagnosis(Category.UNKNOWN, "nothing_decisive", "", "", ())
    incident = Incident("a1", "a/b", "c", "f", NOW, IncidentState.HEALING, diagnosis, planned=planned)
    assert _incident_row(incident, NOW)[-1] == f"run 2 at {planned.at:%Y-%m-%d %H:%M} UTC"
    assert _incident_row(incident, planned.at)[-1] == f"run 2 at {planned.at:%H:%M} UTC"


@pytest.mark.parametrize("width", [40, 200])
@pytest.mark.parametrize(
    ("state", "color"), [("alerted", "31"), ("held", "33"), ("healing", "33"), ("recovered", "32")]
)
def test_a_state_is_in_its_color(monkeypatch: pytest.MonkeyPatch, width: int, state: str, color: str) -> None:
    file = io.StringIO()
    colors = {"_color_system": ColorSystem.STANDARD, "no_color": False, "_force_terminal": True}
    for name, value in {"_file": file, "_width": width, **colors}.items():
        monkeypatch.setattr(console.out, name, value)
    print_rows(INCIDENTS, [(*LONG[:2], f"{state}: unknown", *LONG[3:])])
    assert f"\x1b[{color}m{state}: unknown" in file.getvalue()


@pytest.mark.parametrize("width", [60, 120])
def test_the_rules_are_listed_whole_on_a_terminal_and_in_one_line_for_a_program(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(console.out, "_width", width)
    names = [row.id for row in load().rows]
    piped = CliRunner().invoke(app, ["rules", "list"]).output
    assert [line.split()[0] for line in piped.splitlines()[1:]] == names
    monkeypatch.setattr(console.out, "_force_terminal", True)
    shown = CliRunner().invoke(app, ["rules", "list"]).output
    assert "…" not in shown
    assert all(name in shown for name in names)
