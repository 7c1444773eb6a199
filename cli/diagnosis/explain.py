"""``cronmend explain``: show how one run is diagnosed, and what Cronmend would do."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

from cli.console import fail, out, print_json
from cli.diagnosis.explanation import Explanation, document, explained
from cli.diagnosis.question import question
from cli.diagnosis.rules import OwnRules, loaded
from cli.diagnosis.samples import Sample
from cli.on_call.options import AsJson
from cli.stopped_runs.ending import BadOption
from cli.stopped_runs.options import RunOptions, with_run_options
from cli.tables import print_facts, print_rows
from cronmend.model import Action, Alert, Category, Diagnosis, HoldAlert, Missing, Policy, Rerun
from cronmend.wording import moment


@with_run_options
def explain(
    run: RunOptions,
    event: Annotated[
        str | None,
        typer.Argument(metavar="EVENT", help="A JSON file with a STOPPED event; - for standard input."),
    ] = None,
    policy: Annotated[
        Policy | None, typer.Option(help="The job's re-run policy. Default: as jobs.toml says.", show_default=False)
    ] = None,
    rules: OwnRules = None,
    as_json: AsJson = False,
) -> None:
    """Show why a run failed, which rule decided, what Cronmend would do, and what would change that.

    A log is enough: `cronmend explain --log FILE`. Needs no AWS account and no Docker.
    """
    try:
        answer = explained(question(run, event, policy, datetime.now(UTC)), loaded(rules))
    except BadOption as error:
        raise fail(str(error), 2) from error
    if as_json:
        print_json(document(answer))
    else:
        _print(answer)


def _print(answer: Explanation) -> None:
    diagnosis = answer.diagnosis
    _print_panel("\n".join(_details(diagnosis)), diagnosis.category.value)
    if diagnosis.excerpt:
        _print_panel("\n".join(diagnosis.excerpt), "log around the error")
    if answer.unwatched:
        out.print(Text(f"Not watched: {answer.unwatched}", style="bold"))
    _print_plan(answer)
    _print_heading("Evidence")
    print_facts(_evidence(answer.question.sample))
    _print_heading("What would change the answer")
    print_rows(("If", "Category", "Action"), _alternatives(answer))


def _print_heading(text: str) -> None:
    out.print()
    out.print(Text(text, style="bold"))


def _print_panel(text: str, title: str) -> None:
    if out.is_terminal:
        out.print(Panel(Text(text), title=Text(title), title_align="left"), soft_wrap=False)
    else:
        out.print(f"{title}:", *(f"  {line}" for line in text.split("\n")), "", sep="\n")


def _details(diagnosis: Diagnosis) -> list[str]:
    details = [diagnosis.full_sentence, f"rule: {diagnosis.rule}"]
    if diagnosis.line:
        details.append(f"line: {diagnosis.line}")
    if error := diagnosis.fatal_error:
        chain = " ← ".join(one.type or one.message for one in (error, *error.causes))
        details.append(f"fatal error: {chain}")
    details.append(f"deploy: {diagnosis.window.state.value} ({diagnosis.window.reason})")
    when = "advice without a deploy" if diagnosis.category is Category.DEPLOY_RACE else "advice"
    return details + ([f"{when}: {diagnosis.advice}"] if diagnosis.advice else [])


def _print_plan(answer: Explanation) -> None:
    question = answer.question
    job = question.job or "a job that isn't named"
    out.print(f"Plan for {job}, policy {question.sample.policy.rerun.value} ({question.policy_source}):")
    for action in answer.plan.actions:
        out.print(Text.assemble("  ", (_heading(action, question.sample.now), "bold"), _reason(action)))
    if answer.blocker:
        out.print(f"  The guard `{answer.blocker.guard.value}` blocks a re-run.")


def _reason(action: Action) -> str:
    """That of an alert held for a re-run only repeats the heading."""
    repeats = isinstance(action, HoldAlert) and not action.no_rerun
    return "" if repeats else f": {action.reason}"


def _heading(action: Action, now: datetime) -> str:
    match action:
        case Rerun():
            return f"Re-run at {moment(action.at, now)}"
        case HoldAlert():
            return f"Hold the alert until {moment(action.until, now)}"
        case Alert():
            return "Alert now"
        case _:
            return "Nothing to do"


def _evidence(sample: Sample) -> list[tuple[str, str]]:
    task, log = sample.evidence.task, sample.evidence.log
    rows = [("stop code", task.stop_code or "none"), ("stopped reason", task.stopped_reason or "none")]
    for container in task.containers:
        name = f"container {container.name}{' (the job)' if container is task.job else ''}"
        code = "no exit code" if container.exit_code is None else f"exit code {container.exit_code}"
        rows.append((name, f"{code} {container.reason}".rstrip()))
    return [*rows, ("log", log.reason if isinstance(log, Missing) else _lines(len(log)))]


def _lines(number: int) -> str:
    return f"{number} lines" if number else "empty"


def _alternatives(answer: Explanation) -> list[tuple[str, str, str]]:
    rows = [(each.condition, each.category, each.action) for each in answer.alternatives]
    if lacks_log := _lacks_log(answer):
        rows.append(("the log is given, with --log FILE", "as it says", ""))
    if not answer.alternatives:
        others = "no other deploy state or policy" if lacks_log else "no other deploy state, policy or log"
        rows.append((others, answer.diagnosis.category.value, answer.plan.word))
    return rows


def _lacks_log(answer: Explanation) -> bool:
    """Whether there is a log that may say more than the event."""
    evidence = answer.question.sample.evidence
    failed = answer.diagnosis.category is not Category.SUCCESS
    return isinstance(evidence.log, Missing) and evidence.task.ran and failed
