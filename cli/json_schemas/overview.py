"""The documents of the board, the report, ``doctor`` and ``audit``."""

from cli.doctor.findings import Finding
from cli.json_schemas import stored
from cli.json_schemas.shapes import (
    Schema,
    by_name,
    day,
    flag,
    number,
    or_null,
    rows,
    table,
    text,
    time,
    whole,
    words,
)
from cronmend.board.model import Section, State
from cronmend.board.story import Kind
from cronmend.model import Category
from cronmend.model.incident import IncidentState
from simulation.audit import OUTCOMES

_USED = ("failed", "healed", "missed")


def board() -> Schema:
    deploy = {
        "name": text(),
        "since": time(),
        "ended_at": or_null(time()),
        "failed": flag(),
        "broke": rows(text(), "The jobs whose failures it explains or may explain."),
    }
    found = {
        "at": time("When it was made."),
        "headline": text(),
        "counts": by_name(whole(), "State → how many jobs have it."),
        "jobs": rows(_row()),
        "deploys": rows(table(deploy)),
        "starts_by_weekday_and_hour": rows(rows(whole()), "7 days from Monday on, each with 24 hours in UTC."),
        "story": _story(),
    }
    return table(found, required=tuple(name for name in found if name != "story"))


def _row() -> Schema:
    run = {
        "at": time(),
        "result": text("How it ended, or running."),
        "seconds": or_null(whole("How long it took; null if that isn't known.")),
        "in_deploy": flag("Whether a deploy was in progress then."),
    }
    return table(
        {
            "job": text("<group>/<schedule name>"),
            "state": words(State),
            "section": {"type": "string", "enum": [each.name.lower() for each in Section]},
            "sentence": text("What is the matter, in words."),
            "schedule": text("The expression and its time zone."),
            "owner": text("Empty if the job has none."),
            "last_run_at": or_null(time()),
            "next_run_at": or_null(time()),
            "days_28": table({name: whole() for name in ("succeeded", *_USED)}, "Runs in the last 28 days."),
            "slo": or_null(_budget()),
            "runs": rows(table(run), "The latest runs, oldest first."),
        }
    )


def _budget() -> Schema:
    return table(
        {
            "percent": number("How many of the runs have to be good."),
            "days": whole("Over how many days."),
            "counted_days": whole("Of how many of them runs are on record."),
            "expected_runs": number(),
            "allowed": number("How many bad runs are allowed."),
            **{name: whole() for name in _USED},
            "used": number("The share of the budget that is used; more than 1 if it is overspent."),
            "used_by": table({name: number() for name in _USED}, "The same by what used it."),
        },
        "The error budget; null for a job without an SLO.",
    )


def _story() -> Schema:
    moment = {"at": time(), "kind": words(Kind), "what": text(), "why": text()}
    sent = {
        "channel": text("Empty if the message was offered to none yet."),
        "what": text(),
        "at": or_null(time()),
        "answer": text("What the channel did with it."),
    }
    shape = table(
        {
            "title": text(),
            "moments": rows(table(moment), "Oldest first."),
            "excerpt": rows(text(), "The redacted lines of the log around the error."),
            "marked": or_null(whole("The index in excerpt of the line that decided.")),
            "decided_by": text("Category and rule."),
            "sent": rows(table(sent)),
            "links": by_name(text(), "Label → address."),
            "command": text("What to run next; empty if nothing."),
        },
        "The job's latest incident; null if it had none. Only there if the board was asked about one job.",
    )
    return or_null(shape)


def report() -> Schema:
    named = {"at": time("When it was made."), "first_day": day(), "last_day": day(), "headline": text()}
    counts = {name: whole() for name in ("jobs", "runs", "succeeded", "failed", "missed", "healed")}
    spared = {"healed_or_recovered_first": whole(), "joined_another": whole("Part of another alert's message.")}
    return table(
        {
            **named,
            **counts,
            "false_heals": whole("Healed jobs that failed again for the same cause soon after."),
            "alerts_sent": whole(),
            "alerts_spared": table(spared, "Alerts that no one had to read."),
            "mean_seconds_to_recovery": or_null(whole()),
            "median_seconds_before_next_slot": or_null(
                whole("How long before its next scheduled time a job was healed.")
            ),
            "categories": rows(_tally("category", words(Category))),
            "noisiest_causes": rows(_tally("cause", text(), jobs=rows(text()))),
            "rules_that_never_healed": rows(_tally("rule", text())),
            "incidents": rows(_case()),
        }
    )


def _tally(name: str, shape: Schema, **more: Schema) -> Schema:
    counts = ("incidents", "failed_runs", "missed", "reruns", "healed", "alerts_sent")
    return table({name: shape, **more, **{count: whole() for count in counts}})


def _case() -> Schema:
    return table(
        {
            "job": text(),
            "incident": text("Its ID."),
            "began_at": time(),
            "ended_at": or_null(time("null while it is open.")),
            "state": words(IncidentState),
            "category": words(Category),
            "rule": text(),
            "cause": text(),
            "failed_runs": whole(),
            "missed": whole("Scheduled times without a run."),
            "reruns": whole(),
            "healed_by": or_null(whole("The number of the run that healed it.")),
            "seconds": or_null(whole("From the failure to the recovery.")),
            "seconds_before_next_slot": or_null(whole()),
            "alerts_sent": whole(),
            "alerts_joined": whole("Those that were part of another alert's message."),
            "failed_again_at": or_null(time()),
        }
    )


def doctor() -> Schema:
    return rows(stored.whole(Finding))


def audit() -> Schema:
    violation = {
        "invariant": whole("The number of the promise in docs/simulation.md."),
        "kind": text(),
        "job": text(),
        "at": number("Seconds since 1970, UTC."),
        "text": text(),
    }
    return table(
        {
            "runs": table({name: whole() for name in OUTCOMES}, "How many runs had each outcome."),
            "reruns": whole(),
            "heal_rate": or_null(number("The share of failed runs that a re-run healed; null if no run failed.")),
            "false_heals": whole(),
            "violations": rows(table(violation), "The promises that were broken."),
        }
    )
