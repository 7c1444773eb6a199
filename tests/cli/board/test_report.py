"""``cronmend report``: its forms, and which days it takes."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from cli import console, tables
from cli.board import report, report_forms, report_page, sample_report
from cli.board.report import period_of
from cli.board.sample import NOW
from cli.main import app as cronmend
from cronmend.board import activity
from cronmend.board.html.page import Theme
from cronmend.board.period import Past, Period
from cronmend.errors import Permanent
from tests.board.test_html import Reader as HtmlReader

KNOWN = activity.of(sample_report.past())


class Reader:
    def past(self, period: Period, now: datetime) -> Past:
        return sample_report.past()


@pytest.fixture(autouse=True)
def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "BoardReader", lambda stack: Reader())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cronmend, ["report", *arguments])


def test_into_a_pipe_nothing_is_cut() -> None:
    lines = run().output.splitlines()
    assert lines[0].startswith("12,477 of 12,488 runs of 16 jobs succeeded")
    assert "Healed            13 (typically 53 min before the next slot)" in lines
    (cause,) = (each for each in lines if each.startswith("AWS reclaimed"))
    assert "purge-revisions, reconcile-payments, refresh-calendar and 2 more" in cause


@pytest.mark.parametrize("width", [60, 80, 120])
def test_on_a_terminal_cells_fold(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Console(width=width, force_terminal=True, color_system=None, highlight=False, record=True)
    for module in (report, tables, console):
        monkeypatch.setattr(module, "out", terminal)
    monkeypatch.setattr(tables.print_facts, "__defaults__", (terminal,))
    report.print_report(KNOWN)
    text = terminal.export_text()
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in text
    assert "dependency_unavailable" in text
    assert "publish-scheduled  19 Nov 10:05" in text


def test_markdown_has_a_table_for_each_section() -> None:
    text = run("--md").output
    assert text.startswith("# Scheduled jobs\n\n12,477 of 12,488 runs")
    assert "| Category | Incidents | Failed runs | Missed | Healed | Alerts |\n| --- | ---: |" in text
    assert "- Alerts spared: 14 (13 healed or recovered first, 1 joined another)" in text


def test_a_cell_of_markdown_stays_one() -> None:
    assert report_forms._line([r"a|b \ c"]) == r"| a\|b \\ c |"


def test_csv_has_a_line_for_each_incident() -> None:
    rows = list(csv.DictReader(run("--csv").output.splitlines()))
    assert len(rows) == len(KNOWN.cases)
    (again,) = (each for each in rows if each["failed_again_at"])
    assert (again["job"], again["seconds"], again["seconds_before_next_slot"]) == (
        *("cronmend-jobs/fetch-rates", "420"),
        "3171",
    )


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", "-1"])
def test_a_spreadsheet_takes_no_cell_for_a_formula(text: str) -> None:
    assert report_forms._inert(text) == f"'{text}"
    assert report_forms._inert(-1) == -1


def test_json_has_all_of_it() -> None:
    document = json.loads(run("--json").output)
    assert (document["first_day"], document["runs"], document["alerts_sent"]) == ("2026-10-29", 12488, 5)
    assert document["alerts_spared"] == {"healed_or_recovered_first": 13, "joined_another": 1}
    assert document["noisiest_causes"][0]["jobs"] == ["cronmend-jobs/fetch-rates", "cronmend-jobs/import-orders"]
    assert document["rules_that_never_healed"][0]["rule"] == "db.locked"
    assert len(document["incidents"]) == len(KNOWN.cases)


def test_the_page_is_whole_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert run("--html", str(path)).output.strip() == f"Wrote {path}."
    found = HtmlReader(path.read_text(encoding="utf-8").removeprefix("<!doctype html>")).found
    assert not {"script", "link", "img", "iframe"} & {name for name, _ in found}
    assert [name for name, _ in found].count("table") == 5
    assert report_page.page(KNOWN, Theme.DARK) != report_page.page(KNOWN, Theme.LIGHT)


def test_two_forms_at_once_are_refused() -> None:
    assert (run("--md", "--json").exit_code, "Choose one of" in run("--md", "--json").output) == (2, True)


@pytest.mark.parametrize(
    ("since", "first"), [("30d", date(2026, 10, 29)), ("1d", NOW.date()), ("2026-11-20", date(2026, 11, 20))]
)
def test_the_days_end_today(since: str, first: date) -> None:
    assert period_of(since, NOW) == Period(first, NOW.date())


@pytest.mark.parametrize("since", ["34d", "0d", "2026-10-01", "2027-01-01", "last month"])
def test_other_days_are_refused(since: str) -> None:
    with pytest.raises(Permanent, match="--since: "):
        period_of(since, NOW)
