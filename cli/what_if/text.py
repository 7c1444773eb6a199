"""The answer and its cases as text for a terminal, from the document."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.text import Text

from cli.console import out
from cli.tables import JOB, print_facts, print_rows
from cli.what_if.gaps import LIMITS
from cli.what_if.judge import Result

type Found = Mapping[str, Any]

_LISTED: Final = 30
"""The most cases in the table."""
_REASONS: Final = 8
"""The most reasons that are listed; the most frequent ones come first."""
_WORDS: Final = {
    Result.HEALED: "healed",
    Result.MAY_HEAL: "may heal",
    Result.RECOVERED: "recovered",
    Result.ALERT: "alert",
    Result.REPEATED: "same alert",
    Result.SILENT: "silent",
}
_MEANING: Final = {
    Result.HEALED: "A re-run would have succeeded.",
    Result.MAY_HEAL: "A re-run would have been made; nothing in AWS shows whether it would have succeeded.",
    Result.RECOVERED: "No alert: the job's next scheduled run succeeded in time.",
    Result.ALERT: "An alert, and no re-run that would have helped.",
    Result.REPEATED: "Part of an incident: no alert of its own.",
    Result.SILENT: "Nothing: the run was stopped on purpose.",
}


def print_answer(found: Found) -> None:
    for line in sentences(found):
        _print(line)
    if found["cases"]:
        out.print()
        _print_cases(found["cases"])
    reasons = [f"{_many(count, 'run')}: {reason}" for reason, count in found["why_not_known"].items()]
    parts = (
        ("Why the end of a run isn't known:", reasons[:_REASONS]),
        ("Not read:", found["gaps"]),
        ("Not in AWS any more:", LIMITS),
    )
    for title, lines in parts:
        if lines:
            out.print()
            out.print(Text(title, style="bold"))
            for line in lines:
                _print(f"- {line}")


def sentences(found: Found) -> Iterator[str]:
    since, jobs = found["since"][:10], _many(found["jobs"], "job")
    if not found["runs"]:
        yield f"Since {since}, no schedule or rule of EventBridge has started an ECS task in this account and Region."
        return
    yield (
        f"Since {since}, {jobs} had {_many(found['runs'], 'run')}: {found['failed']:,} failed, "
        f"{found['succeeded']:,} succeeded, and of {found['not_known']:,} nothing shows how they ended."
    )
    for name, words in (("by_deploy", "failed by deploys"), ("by_other_causes", "failed by other causes")):
        if (counts := found[name])["failed"]:
            yield f"{counts['failed']:,} {words}: {_results(counts)}."
    least, most = found["alerts"]["least"], found["alerts"]["most"]
    alerts = _many(most, "alert") if least == most else f"{least:,} to {_many(most, 'alert')}"
    if found["failed"]:
        yield f"With policy `{found['policy']}` for every job: {alerts} instead of {found['failed']:,}."


def _many(number: int, what: str) -> str:
    """2,131 runs"""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _results(counts: Mapping[str, int]) -> str:
    """``3 would have been healed by a re-run, 11 may have been, 3 would have needed a person``"""
    parts = (
        (counts[Result.HEALED], "would have been healed by a re-run"),
        (counts[Result.MAY_HEAL], "may have been"),
        (counts[Result.RECOVERED], "recovered before an alert was due"),
        (counts[Result.ALERT], "would have needed a person"),
        (counts[Result.REPEATED], "belong to the same incidents"),
        (counts[Result.SILENT], "were stopped on purpose"),
    )
    return ", ".join(f"{count:,} {words}" for count, words in parts if count)


def _print_cases(cases: list[Found]) -> None:
    """Those that need a person first: they are what is left. Not each failure of an incident."""
    order = (Result.ALERT, Result.MAY_HEAL, Result.HEALED, Result.RECOVERED)
    shown = [each for each in cases if each["result"] in order]
    listed = sorted(shown, key=lambda each: (order.index(Result(each["result"])), -each["number"]))[:_LISTED]
    rows = [
        (
            str(each["number"]),
            each["at"][5:16].replace("T", " "),
            each["job"],
            each["category"],
            _WORDS[Result(each["result"])],
        )
        for each in listed
    ]
    if rows:
        print_rows(("Case", "At (UTC)", JOB, "Category", "Cronmend"), rows)
    rest = len(cases) - len(listed)
    more = f"{rest:,} more failures are in --json. " if rest else ""
    _print(f"{more}Open one with --case NUMBER.")


def print_case(case: Found) -> None:
    result = Result(case["result"])
    facts = [
        ("Job", case["job"]),
        ("Started", f"{case['at'][:19].replace('T', ' ')} UTC"),
        ("Code", case["task_definition"]),
        ("Task", case["task_id"] or "none"),
        ("Failed", f"{case['ending']}."),
        ("Diagnosis", f"{case['category']}, by {case['rule']}"),
        ("Cause", case["sentence"]),
        ("Deploy", case["deploy"] or "not asked for"),
        ("Plan", "\n".join(case["reasons"])),
        ("Re-runs", ", ".join(f"{each[11:16]} UTC" for each in case["reruns"]) or "none"),
        ("Result", f"{_WORDS[result]}: {_MEANING[result]}"),
    ]
    print_facts(facts)
    if case["log"]:
        out.print()
        out.print(Text("The end of its log:", style="bold"))
        for line in case["log"]:
            _print(f"  {line}")


def _print(line: str) -> None:
    """Wrapped on a terminal, so that no sentence is cut."""
    out.print(Text(line), soft_wrap=not out.is_terminal)
