"""The documents of the commands that need a clone: the demo, the local account and the measurements.

Their schemas name the keys at the top, and leave open what is below.
"""

from cli.json_schemas.shapes import Schema, by_name, flag, number, rows, table, text, whole

ANYTHING: Schema = {"type": "object"}


def demo() -> Schema:
    return table({"ok": flag("Whether every case went as promised."), **_lists("runs", "incidents", "messages")})


def messages() -> Schema:
    return table(_lists("slack", "email", "sms", "event"))


def break_() -> Schema:
    return {**ANYTHING, "description": "What was done, what is broken now, and what to watch."}


def status() -> Schema:
    found = {
        "up": flag(),
        "environment": by_name(text(), "The variables with which a shell reaches the account."),
        "messages": text("The address of the page with the messages."),
        "broken": text("What `cronmend local break` broke; empty if nothing."),
    }
    return table(found, required=("up", "environment"))


def corpus() -> Schema:
    found = {
        "files": rows(text()),
        **{name: whole() for name in ("cases", "dangerous")},
        **{name: number("A share from 0 to 1.") for name in ("category_right", "action_right", "macro_f1")},
        **dict.fromkeys(("defaults", "contested", "confusion"), ANYTHING),
        "reruns_after_deploy": {},
        **_lists("categories", "misses"),
    }
    return table(found)


def figures() -> Schema:
    return {**ANYTHING, "description": "Measurement → its value."}


def costs() -> Schema:
    return rows(ANYTHING, "A row for each case that is measured.")


def _lists(*names: str) -> dict[str, Schema]:
    return {name: rows(ANYTHING) for name in names}
