"""The document of ``cronmend board --json``. Its keys are public."""

from datetime import datetime
from typing import Any

from cronmend.board.model import Bar, Board, Row
from cronmend.board.story import Records, story
from cronmend.jobs.error_budgets import ErrorBudget


def of_board(board: Board) -> dict[str, Any]:
    return {
        "at": board.now.isoformat(),
        "headline": " ".join(filter(None, (board.headline, board.subject))),
        "counts": {state.value: count for state, count in board.counts.items()},
        "jobs": [_of_row(each) for each in board.rows],
        "deploys": [
            {
                "name": each.name,
                "since": each.since.isoformat(),
                "ended_at": _at(each.ended_at),
                "failed": each.failed,
                "broke": [broken.job for broken in each.broken],
            }
            for each in board.lane.deploys
        ],
        "starts_by_weekday_and_hour": board.load.starts,
    }


def of_records(records: Records, now: datetime) -> dict[str, Any]:
    """The latest incident of a job, for the document of ``cronmend board JOB --json``."""
    found = story(records, now)
    if found is None:
        return {"story": None}
    moments = [
        {"at": each.at.isoformat(), "kind": each.kind.value, "what": each.what, "why": each.why}
        for each in found.moments
    ]
    sent = [
        {"channel": each.channel, "what": each.what, "at": _at(each.at), "answer": each.answer} for each in found.sent
    ]
    return {
        "story": {
            "title": found.title,
            "moments": moments,
            "excerpt": list(found.excerpt),
            "marked": found.marked,
            "decided_by": found.decided,
            "sent": sent,
            "links": dict(found.links),
            "command": found.command,
        }
    }


def _of_row(row: Row) -> dict[str, Any]:
    rate = row.rate
    return {
        "job": row.job,
        "state": row.state.value,
        "section": row.section.name.lower(),
        "sentence": " ".join(filter(None, (row.lead, row.detail))),
        "schedule": ", ".join(filter(None, (row.schedule, row.zone))),
        "owner": row.owner,
        "last_run_at": _at(row.last),
        "next_run_at": _at(row.next),
        "days_28": {
            "succeeded": rate.succeeded,
            "failed": rate.failed,
            "missed": rate.missed,
            "healed": rate.healed,
        },
        "slo": _of_budget(row.budget) if row.budget else None,
        "runs": [_of_bar(each) for each in row.bars],
    }


def _of_budget(budget: ErrorBudget) -> dict[str, Any]:
    """Its shares are of 1, and more than 1 if more bad runs were counted than the SLO allows."""
    return {
        "percent": budget.slo.percent,
        "days": budget.slo.days,
        "counted_days": budget.covered,
        "expected_runs": round(budget.expected, 1),
        "allowed": round(budget.allowed, 2),
        **dict(budget.parts),
        "used": round(budget.used, 3),
        "used_by": {name: round(budget.share(count), 3) for name, count in budget.parts},
    }


def _of_bar(bar: Bar) -> dict[str, Any]:
    result = bar.result.name.lower() if bar.result else "running"
    return {"at": bar.at.isoformat(), "result": result, "seconds": bar.seconds, "in_deploy": bar.shaded}


def _at(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
