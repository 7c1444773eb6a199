"""The documents of the commands that read files: jobs, alerts, one run, histories."""

from cli.diagnosis.explanation import KINDS
from cli.json_schemas import stored
from cli.json_schemas.shapes import (
    Schema,
    by_name,
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
from cli.toml_files.source import Finding, Location
from cronmend.alerting.conversations import Health
from cronmend.healing.guards import Guard
from cronmend.model import Category, Policy, Signal, WindowState


def check() -> Schema:
    place, finding = stored.whole(Location), stored.whole(Finding)
    found = {**place["properties"], **finding["properties"]}
    del found["location"]
    return table({"mistakes": whole("How many keep the file from being built."), "findings": rows(table(found))})


def next_slots() -> Schema:
    return by_name(rows(time()), "Job → its next scheduled times, with the offset of the job's own time zone.")


def load() -> Schema:
    herd = {"jobs": rows(text()), "times_a_week": whole(), "next": time()}
    move = {
        "job": text(),
        "file": text(),
        "line": whole(),
        "before": text("The schedule as it is written."),
        "after": text("The schedule that is proposed."),
    }
    proposal = {
        "most_before": whole("How many jobs start in the same minute at most."),
        "most_after": whole(),
        "moves": rows(table(move)),
    }
    together = rows(table(herd), "Jobs that start in the same minute.")
    return {"anyOf": [together, table(proposal, "With --suggest.")]}


def diff() -> Schema:
    return rows(text(), "Each difference in words.")


def routes() -> Schema:
    return rows(
        table(
            {
                "job": text(),
                "severity": text(),
                "categories": rows(words(Category)),
                "route": text(),
                "why": text("Why the alert takes this route."),
                "channels": rows(text()),
                "fallback": rows(text(), "The channels if one of the others fails."),
                "sent": flag("false if the severity is below the route's least."),
                "waits_until": or_null(time("The end of the quiet hours; null if it doesn't wait.")),
                "when": text("The same in words."),
                "escalate_to": or_null(text()),
                "escalate_after": or_null(number("Seconds.")),
            }
        )
    )


def channels() -> Schema:
    found = {**stored.properties(Health), "works": flag("Whether its last try succeeded.")}
    return rows(table(found, required=("channel", "works")))


def canary() -> Schema:
    return by_name(text(), "Channel → delivered, or why it failed.")


def preview() -> Schema:
    return {"type": "object", "description": "What is sent to the channel; the channel's own format."}


def explain() -> Schema:
    alternative = {"if": text("The circumstance."), "category": words(Category), "action": text()}
    deploy = {"state": words(WindowState), "signal": words(Signal), "reason": text()}
    evidence = {
        "exit_code": or_null(whole()),
        "stop_code": text(),
        "stopped_reason": text(),
        "log_lines": or_null(whole("null if there is no log.")),
    }
    found = table(
        {
            "job": or_null(text()),
            "category": words(Category),
            "sentence": text("What ended the run, and whether a deploy explains it."),
            "rule": text(),
            "line": text("The redacted line that decided."),
            "fatal_error": {"anyOf": [{"$ref": "#/$defs/error"}, {"type": "null"}]},
            "advice": text(),
            "excerpt": rows(text()),
            "deploy": table(deploy),
            "action": text("The plan as one word."),
            "plan": rows(_action()),
            "blocked_by": or_null(words(Guard, "The guard that would block a re-run.")),
            "policy": words(Policy),
            "unwatched": or_null(text("Why Cronmend doesn't get this run's event; null if it does.")),
            "evidence": table(evidence),
            "alternatives": rows(table(alternative), "Circumstances under which the answer would differ."),
        }
    )
    causes = rows({"$ref": "#/$defs/error"}, "Nearest first.")
    error = table({"type": text(), "message": text(), "causes": causes}, "The error that ended the process.")
    return {**found, "$defs": {"error": error}}


def _action() -> Schema:
    found: dict[str, Schema] = {
        "kind": {"type": "string", "enum": [*KINDS.values()]},
        "reason": text(),
        "at": time("Of a re-run."),
        "size": or_null(text("Of a re-run; null for the job's own.")),
        "until": time("Of a held alert."),
    }
    return table(found, required=("kind", "reason"))


def simulate() -> Schema:
    violation = {
        "invariant": whole("The number of the promise in docs/simulation.md."),
        "kind": text(),
        "seed": whole(),
        "job": text(),
        "text": text(),
        "history": rows(text(), "What happened, a line for each entry."),
    }
    counts = ("healed", "alerted", "false_heals", "missed_heals", "messages")
    return table(
        {
            "histories": whole(),
            "events": whole(),
            "kill_points_hit": whole("Places between two effects where an invocation was killed."),
            "kill_points_total": whole(),
            "kill_points_missed": rows(text()),
            "violations": rows(table(violation)),
            **{name: whole() for name in counts},
            "missed_heals_by": by_name(whole(), "Reason → how often it applied."),
            "false_heals_by": by_name(whole(), "Reason → how often it applied."),
            "seconds": number("How long it took."),
        }
    )
