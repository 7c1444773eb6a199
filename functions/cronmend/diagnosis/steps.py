"""Evidence → diagnosis. Pure. :data:`DIAGNOSIS_STEPS` is the order in which evidence counts."""

from collections.abc import Callable, Iterable
from copy import replace
from typing import Final

from cronmend.diagnosis import rule_files
from cronmend.diagnosis.case import Case, Verdict, of_rule
from cronmend.diagnosis.excerpt import shown
from cronmend.diagnosis.fatal_error import StatedError, reported
from cronmend.diagnosis.line_verdict import LogVerdict
from cronmend.diagnosis.ruleset import Rules, Weight, Where
from cronmend.diagnosis.stop_fields import (
    UNKNOWN_STOP_CODE,
    deciding,
    ended_unexplained,
    never_ran,
    out_of_memory,
    said_by_container,
    said_by_task,
    stopped_by_aws,
    stopped_by_request,
    stopped_on_purpose,
)
from cronmend.diagnosis.tools import suggested_by_tool
from cronmend.model import Category, Diagnosis, Evidence, FatalError, WindowState
from cronmend.redact import Redactor, redact

IN_DEPLOY = (WindowState.OPEN, WindowState.RECENT, WindowState.STUCK)
KILLED: Final = (130, 137, 143)
"""SIGINT, SIGKILL and SIGTERM. The exit code doesn't show who sent it, and the last log line didn't end the run."""


def diagnose(evidence: Evidence, rules: Rules | None = None, hide: Redactor = redact) -> Diagnosis:
    """The diagnosis of a run; ``hide`` redacts the parts of the log that it quotes."""
    case = Case(evidence, rules or rule_files.shipped())
    verdict = next(verdict for step in DIAGNOSIS_STEPS if (verdict := step(case)))
    return _diagnosis(case, _in_window(case, verdict), hide)


def succeeded(case: Case) -> Verdict | None:
    if case.exit_code != 0:
        return None
    return Verdict(Category.SUCCESS, "exit.zero", "The job ended with exit code 0.")


def crashed(case: Case) -> Verdict | None:
    """Exit codes that show the cause, whatever the log contains, unless the tool that ended has its own meaning."""
    found = _by_exit_code(case, Weight.DECIDES)
    return None if found and suggested_by_tool(case) else found


def killed(case: Case) -> Verdict | None:
    """A kill interrupts the job, so the log explains it only if it reports a lack of memory or a time limit."""
    if case.exit_code not in KILLED:
        return None
    finding = case.log_verdict
    if finding and finding.rule.category.traits.explains_kill and finding.rule.weight is Weight.DECIDES:
        return _of_finding(finding)
    return _unknown_kill(case)


def reported_before_notifying(case: Case) -> Verdict | None:
    """The job's own error report, if the only error after it is a temporary one from sending a notification."""
    return _own(case, case.log_verdict.unmatched_before) if case.log_verdict else None


def said_by_log(case: Case) -> Verdict | None:
    finding = case.log_verdict
    return _of_finding(finding) if finding and finding.rule.weight is not Weight.WRAPS else None


def said_by_any_line(case: Case) -> Verdict | None:
    """Match all lines at once; find the line only if a rule matches."""
    found = case.rules.on_any_line(case.reading.lines.whole)
    if not found:
        return None
    return of_rule(found[0], deciding(found[0], reversed(case.reading.lines.text)))


def said_in_general(case: Case) -> Verdict | None:
    """A general name such as RuntimeError without a better cause; not a script's own "ERROR: job failed"."""
    finding = case.log_verdict
    if finding is None or (not case.reading.errors and not reported.is_specific(finding.matched.message)):
        return None
    return _of_finding(finding)


def suggested_by_exit_code(case: Case) -> Verdict | None:
    return _by_exit_code(case, Weight.HINTS)


def raised_something(case: Case) -> Verdict | None:
    """An error with frames that no rule matches is the job's own."""
    if not case.reading.errors:
        return None
    return _unknown_to_rules(case.reading.errors[0].error, "Fix the error in the traceback")


def reported_something(case: Case) -> Verdict | None:
    """An error that the program reports in its own words is the job's own, too. Rules went first."""
    return _own(case, case.reading.loose) or _own(case, case.reading.single.above)


def _own(case: Case, lines: Iterable[StatedError]) -> Verdict | None:
    stated = reported.report(case.reading.lines, lines)
    return _unknown_to_rules(stated.error, "Fix the error that the job reports") if stated else None


def _unknown_to_rules(error: FatalError, advice: str) -> Verdict:
    line = error.text.split("\n", 1)[0]
    advice = f"{advice}, then run `cronmend rerun JOB`."
    sentence = f"The job failed with an error that no rule matches: {line}"
    return Verdict(
        Category.APPLICATION_ERROR, "error.unknown_to_rules", sentence, line, advice, cause="{line}", error=error
    )


def nothing_decisive(case: Case) -> Verdict:
    where = "Read the end of the log: no rule knows an error in it." if case.log else "Find the cause: there is no log."
    advice = f"{where} Fix the cause, then run `cronmend rerun JOB`."
    line = case.telling_line
    return Verdict(Category.UNKNOWN, "nothing_decisive", case.seen, line, advice, cause=case.unknown(line))


DIAGNOSIS_STEPS: tuple[Callable[[Case], Verdict | None], ...] = (
    stopped_by_aws,
    stopped_by_request,
    stopped_on_purpose,
    out_of_memory,
    ended_unexplained,
    succeeded,
    never_ran,
    said_by_container,
    said_by_task,
    crashed,
    killed,
    reported_before_notifying,
    said_by_log,
    said_by_any_line,
    suggested_by_tool,
    said_in_general,
    suggested_by_exit_code,
    raised_something,
    reported_something,
    nothing_decisive,
)
"""The order in which evidence counts: the stop fields before the container's reason, that before the exit code,
the exit code before the log. The first step with a verdict decides; the last always has one."""


def _of_finding(finding: LogVerdict) -> Verdict:
    return of_rule(finding.rule, finding.text, finding.error)


def _by_exit_code(case: Case, weight: Weight) -> Verdict | None:
    if case.exit_code is None:
        return None
    found = [rule for rule in case.rules.matching(Where.EXIT_CODE, str(case.exit_code)) if rule.weight is weight]
    return replace(of_rule(found[0], f"exit code {case.exit_code}"), line=case.last_line) if found else None


def _unknown_kill(case: Case) -> Verdict:
    who = "who or what stopped the task, and whether it ran out of memory."
    if case.sidecar:
        who = f"the log of container {case.sidecar} first: its end may have stopped the task. If not, find out {who}"
    return Verdict(
        Category.UNKNOWN,
        "exit.killed",
        case.seen,
        case.last_line,
        f"Check {who} Then run `cronmend rerun JOB`.",
        cause=case.unknown(case.last_line),
    )


def _in_window(case: Case, verdict: Verdict) -> Verdict:
    """If the deploy explains the failure, change only the category; the rule and its sentence stay."""
    if not verdict.deploy_explains or case.evidence.window.state not in IN_DEPLOY:
        return verdict
    return replace(verdict, category=Category.DEPLOY_RACE)


def _diagnosis(case: Case, verdict: Verdict, hide: Redactor) -> Diagnosis:
    show = shown(verdict.sentence, verdict.line, case.log, verdict.error, hide)
    return Diagnosis(
        category=verdict.category,
        rule=verdict.rule,
        sentence=show.sentence,
        line=show.line,
        excerpt=show.excerpt,
        advice=" ".join(filter(None, (verdict.advice, _new_stop_code(case, verdict)))),
        cause=verdict.cause,
        deploy_explains=verdict.deploy_explains,
        deploy_may_explain=verdict.deploy_may_explain,
        fatal_error=show.error,
        window=case.evidence.window,
    )


def _new_stop_code(case: Case, verdict: Verdict) -> str:
    """A stop code that may have been the cause, to be shown no matter which step decided."""
    return "" if verdict.rule == UNKNOWN_STOP_CODE else case.unknown_stop_code
