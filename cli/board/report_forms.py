"""The report as Markdown, as CSV and as a JSON document, whose columns and keys are public."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any, Final

from cronmend.board import activity_words as words
from cronmend.board.activity import Activity, Tally
from cronmend.board.activity_words import Table
from cronmend.board.cases import Case

_COLUMNS: Final = (
    *("job", "incident", "began_at", "ended_at", "state", "category", "rule", "cause", "failed_runs", "missed"),
    *("reruns", "healed_by", "seconds", "seconds_before_next_slot", "alerts_sent", "alerts_joined", "failed_again_at"),
)


def markdown(activity: Activity) -> str:
    figures = [f"- {each.name}: {each.in_words}" for each in words.figures(activity)]
    head = ["# Scheduled jobs", "", words.headline(activity), "", f"{words.days(activity)}. {activity.place}.", ""]
    return "\n".join([*head, *figures, *(line for each in words.tables(activity) for line in _section(each))]) + "\n"


def _section(table: Table) -> Iterator[str]:
    yield from ("", f"## {table.title}", "")
    if table.note:
        yield from (table.note, "")
    yield _line(table.columns)
    yield _line(["---:" if name in table.numbers else "---" for name in table.columns])
    yield from map(_line, table.rows)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(each.replace('\\', '\\\\').replace('|', '\\|') for each in cells)} |"


def comma_separated(activity: Activity) -> str:
    """A line for each incident."""
    text = StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for each in activity.cases:
        writer.writerow({name: _inert(value) for name, value in of_case(each).items()})
    return text.getvalue()


def _inert(value: object) -> object:
    """A spreadsheet takes a cell that starts like this for a formula; a log's line may."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_document(activity: Activity) -> dict[str, Any]:
    return {
        "at": activity.now.isoformat(),
        "first_day": activity.period.first.isoformat(),
        "last_day": activity.period.last.isoformat(),
        "headline": words.headline(activity),
        "jobs": activity.jobs,
        "runs": activity.runs,
        **{name: activity.count(name) for name in ("succeeded", "failed", "missed", "healed")},
        "false_heals": len(activity.false_heals),
        "alerts_sent": activity.sent,
        "alerts_spared": {"healed_or_recovered_first": activity.spared, "joined_another": activity.joined},
        "mean_seconds_to_recovery": _seconds(activity.recovery),
        "median_seconds_before_next_slot": _seconds(activity.left),
        "categories": [
            {"category": each.first.incident.category.value, **_of_tally(each)} for each in activity.categories
        ],
        "noisiest_causes": [
            {"cause": each.first.cause_in_words, "jobs": each.jobs, **_of_tally(each)}
            for each in activity.causes[: words.MOST]
        ],
        "rules_that_never_healed": [
            {"rule": each.first.incident.diagnosis.rule, **_of_tally(each)} for each in activity.vain_rules
        ],
        "incidents": [of_case(each) for each in activity.cases],
    }


def _of_tally(tally: Tally) -> dict[str, int]:
    return {
        "incidents": len(tally.cases),
        "failed_runs": tally.runs,
        "missed": tally.missed,
        "reruns": tally.reruns,
        "healed": tally.healed,
        "alerts_sent": tally.sent,
    }


def of_case(case: Case) -> dict[str, object]:
    incident = case.incident
    return {
        "job": incident.job,
        "incident": incident.id,
        "began_at": incident.began_at.isoformat(),
        "ended_at": _at(incident.ended_at),
        "state": incident.state.value,
        "category": incident.category.value,
        "rule": incident.diagnosis.rule,
        "cause": case.cause_in_words,
        "failed_runs": incident.runs,
        "missed": incident.missed,
        "reruns": incident.reruns,
        "healed_by": incident.healed_by or None,
        "seconds": _seconds(case.took),
        "seconds_before_next_slot": _seconds(case.left),
        "alerts_sent": case.sent,
        "alerts_joined": case.joined,
        "failed_again_at": _at(case.failed_again),
    }


def _seconds(length: timedelta | None) -> int | None:
    return round(length.total_seconds()) if length is not None else None


def _at(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
