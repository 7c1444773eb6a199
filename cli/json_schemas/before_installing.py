"""The document of ``what-if``, which needs no stack."""

from cli.json_schemas.shapes import Schema, by_name, flag, rows, table, text, time, whole, words
from cli.what_if.judge import Result
from cronmend.model import Category, Policy


def what_if() -> Schema:
    return table(
        {
            "form": whole("Grows if a later version can't read this document with --file."),
            "since": time(),
            "until": time(),
            "policy": words(Policy, "The re-run policy that every job would have had."),
            "jobs": whole(),
            "runs": whole(),
            "failed": whole(),
            "succeeded": whole("By what their own logs say."),
            "not_known": whole("Nothing shows how they ended."),
            "why_not_known": by_name(whole(), "Reason → how many runs."),
            "by_deploy": _results("Failures that a deploy explains, or may explain."),
            "by_other_causes": _results("All others."),
            "alerts": table({"least": whole(), "most": whole()}, "How many Cronmend would have sent."),
            "gaps": rows(text(), "What couldn't be read, and what to do about it."),
            "cases": rows(_case(), "The failures, oldest first; with --case, only that one."),
        }
    )


def _results(about: str) -> Schema:
    return table({"failed": whole(), **{each.value: whole() for each in Result}}, about)


def _case() -> Schema:
    return table(
        {
            "number": whole("From 1 on."),
            "job": text("<group>/<schedule name>"),
            "at": time("When the run was created, or refused."),
            "task_id": text("Empty if no task was started."),
            "task_definition": text(),
            "ending": text("How the past shows that it failed."),
            "category": words(Category),
            "rule": text(),
            "line": text("The line that decided, redacted."),
            "sentence": text(),
            "deploy": text("The state of the deploy; empty if it didn't matter."),
            "by_deploy": flag(),
            "reasons": rows(text(), "What Cronmend would have planned, and why."),
            "reruns": rows(time(), "When Cronmend would have run the job again."),
            "result": words(Result),
            "log": rows(text(), "The end of its log, redacted."),
        }
    )
