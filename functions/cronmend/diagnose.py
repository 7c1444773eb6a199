"""Evidence → diagnosis. Pure. :data:`JUDGEMENTS` is the order in which evidence counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from cronmend import fatal_error, ruleset
from cronmend.by_log import Finding, by_log
from cronmend.fatal_error import Reading
from cronmend.model import Category, Container, Diagnosis, Evidence, FatalError, Log, Missing, WindowState
from cronmend.redact import redact
from cronmend.ruleset import Rule, Rules, Weight, Where

MAX_SHOWN_LINE: Final = 500
EXCERPT_BEFORE: Final = 9
EXCERPT_AFTER: Final = 3
IN_DEPLOY = (WindowState.OPEN, WindowState.RECENT, WindowState.STUCK)
KILLED: Final = (137, 143)
"""SIGKILL and SIGTERM: who sent it is not in the exit code, and what the log says last did not end the run."""
_QUOTES = str.maketrans("‘’“”", "''\"\"")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one judgement concludes."""

    category: Category
    rule: str
    sentence: str
    line: str = ""
    advice: str = ""
    deploy_explains: bool = False
    error: FatalError | None = None


@dataclass(frozen=True)
class Case:
    """The evidence and what is read from it once."""

    evidence: Evidence
    rules: Rules

    @cached_property
    def job(self) -> Container | None:
        return self.evidence.task.job

    @cached_property
    def exit_code(self) -> int | None:
        return self.job.exit_code if self.job else None

    @cached_property
    def log(self) -> Log:
        return () if isinstance(self.evidence.log, Missing) else self.evidence.log

    @cached_property
    def reading(self) -> Reading:
        return fatal_error.read(self.log)

    @cached_property
    def by_log(self) -> Finding | None:
        return by_log(self.reading, self.rules)

    @cached_property
    def reasons(self) -> str:
        """What ECS says about the end: the task's reason, then the containers', with plain quotation marks."""
        task = self.evidence.task
        texts = dict.fromkeys((task.stopped_reason, *(container.reason for container in task.containers)))
        return "\n".join(text for text in texts if text).translate(_QUOTES)


def diagnose(evidence: Evidence, rules: Rules | None = None) -> Diagnosis:
    """What ended this run."""
    case = Case(evidence, rules or ruleset.shipped())
    verdict = next(verdict for judge in JUDGEMENTS if (verdict := judge(case)))
    return _diagnosis(case, _in_window(case, verdict))


# --- the judgements ---------------------------------------------------------------------------------


def stopped_by_aws(case: Case) -> Verdict | None:
    """Spot and retirement take the task whatever it was doing: exit 0 then is no success, 137 no memory."""
    found = _by(case, Where.STOP_CODE, case.evidence.task.stop_code)
    return found if found and found.category is Category.INFRASTRUCTURE else None


def stopped_on_purpose(case: Case) -> Verdict | None:
    """Before the reason's words: they are whatever the person typed. A failed health check is no purpose."""
    found = _by(case, Where.STOP_CODE, case.evidence.task.stop_code)
    if found is None or "health check" in case.evidence.task.stopped_reason:
        return None
    return replace(found, line=case.evidence.task.stopped_reason or found.line)


def out_of_memory(case: Case) -> Verdict | None:
    """What ECS says of the job's own container or of the task; a sidecar's counts where the job did not end well."""
    reasons = case.reasons
    if case.exit_code == 0 and case.job:
        reasons = f"{case.job.reason}\n{_of_the_task(case)}"
    found = _by(case, Where.REASON, reasons)
    return found if found and found.category is Category.OUT_OF_MEMORY else None


def succeeded(case: Case) -> Verdict | None:
    if case.exit_code != 0:
        return None
    return Verdict(Category.SUCCESS, "exit.zero", "The job ended with exit code 0.")


def never_ran(case: Case) -> Verdict | None:
    """The reasons of ECS and of all containers: an init container that fails keeps the job from starting."""
    if case.exit_code is not None:
        return None
    return _by(case, Where.REASON, case.reasons)


def said_by_container(case: Case) -> Verdict | None:
    reason = case.job.reason.translate(_QUOTES) if case.job else ""
    return _by(case, Where.CONTAINER_REASON, reason) or _by(case, Where.STOPPED_REASON, case.evidence.task.stopped_reason)


def said_by_task(case: Case) -> Verdict | None:
    return _by(case, Where.REASON, _of_the_task(case) if case.job is None else f"{case.job.reason}\n{_of_the_task(case)}")


def crashed(case: Case) -> Verdict | None:
    """Exit codes that say what happened, whatever was logged before."""
    return _by_exit_code(case, Weight.DECIDES)


def killed(case: Case) -> Verdict | None:
    """A kill ends the job in the middle of its work: only a log that speaks of memory or time explains it."""
    if case.exit_code not in KILLED:
        return None
    finding = case.by_log
    if finding and finding.rule.category in (Category.OUT_OF_MEMORY, Category.TIMEOUT) and finding.rule.weight is Weight.DECIDES:
        return _of_finding(finding)
    return _unknown_kill(case)


def said_by_log(case: Case) -> Verdict | None:
    return _of_finding(case.by_log) if case.by_log else None


def said_by_any_line(case: Case) -> Verdict | None:
    for line in reversed(case.reading.lines.text):
        if found := _by(case, Where.LINE, line):
            return found
    return None


def suggested_by_exit_code(case: Case) -> Verdict | None:
    return _by_exit_code(case, Weight.HINTS)


def raised_something(case: Case) -> Verdict | None:
    """An error with frames that no rule knows is the job's own."""
    if not case.reading.errors:
        return None
    error = case.reading.errors[0].error
    stated = f"{error.type}: {error.message}" if error.type else error.message
    line = stated.split("\n", 1)[0]
    sentence = f"The job died of an error that no rule knows: {line}"
    advice = "Look at the traceback; add a rule if it comes again."
    return Verdict(Category.APPLICATION_ERROR, "error.unknown_to_rules", sentence, line, advice, error=error)


def nothing_decisive(case: Case) -> Verdict:
    return Verdict(Category.UNKNOWN, "nothing_decisive", _what_was_seen(case), _last_line(case))


JUDGEMENTS: tuple[Callable[[Case], Verdict | None], ...] = (
    stopped_by_aws,
    stopped_on_purpose,
    out_of_memory,
    succeeded,
    never_ran,
    said_by_container,
    said_by_task,
    crashed,
    killed,
    said_by_log,
    said_by_any_line,
    suggested_by_exit_code,
    raised_something,
    nothing_decisive,
)
"""The order in which evidence counts: the stop fields before the container's reason, that before the exit code,
the exit code before the log. The first that concludes anything decides; the last always does."""


# --- what they are made of --------------------------------------------------------------------------


def _by(case: Case, where: Where, text: str) -> Verdict | None:
    found = case.rules.matching(where, text)
    return _of_rule(found[0], text) if found else None


def _of_rule(rule: Rule, text: str, error: FatalError | None = None) -> Verdict:
    line = next((part for part in text.splitlines() if part.strip()), "")
    sentence = f"{_SENTENCES[rule.category]}: {line[:300]}"
    return Verdict(rule.category, rule.id, sentence, line, rule.advice, rule.deploy_explains, error)


def _of_finding(finding: Finding) -> Verdict:
    return _of_rule(finding.rule, finding.text, finding.error)


def _by_exit_code(case: Case, weight: Weight) -> Verdict | None:
    if case.exit_code is None:
        return None
    found = [rule for rule in case.rules.matching(Where.EXIT_CODE, str(case.exit_code)) if rule.weight is weight]
    return replace(_of_rule(found[0], f"exit code {case.exit_code}"), line=_last_line(case)) if found else None


def _of_the_task(case: Case) -> str:
    return case.evidence.task.stopped_reason.translate(_QUOTES)


def _unknown_kill(case: Case) -> Verdict:
    return Verdict(Category.UNKNOWN, "exit.killed", _what_was_seen(case), _last_line(case), "Look at who stopped it, and at its memory.")


_SENTENCES: Final = {
    Category.SCHEMA_MISMATCH: "The code and the database's schema disagree",
    Category.APPLICATION_ERROR: "The job has a bug or bad data",
    Category.CONFIGURATION_ERROR: "The job is set up wrongly",
    Category.OUT_OF_MEMORY: "The job ran out of memory",
    Category.DEPENDENCY_UNAVAILABLE: "Something the job needs was not available",
    Category.INFRASTRUCTURE: "AWS could not run the job",
    Category.TIMEOUT: "The job ran out of time",
    Category.CANCELLED: "The run was stopped on purpose",
}


def _what_was_seen(case: Case) -> str:
    """For the answer ``unknown``: everything that was looked at, so that nobody has to look again."""
    code = "without an exit code" if case.exit_code is None else f"with exit code {case.exit_code}"
    log = case.evidence.log
    lines = log.reason if isinstance(log, Missing) else f"{len(log)} lines of log hold no error that a rule knows" if log else "the log is empty"
    others = [f"{c.name} ended with {c.exit_code}" for c in case.evidence.task.containers if c is not case.job and c.exit_code]
    return f"Nothing says why the job ended {code}; {'; '.join([*others, lines])}."


def _last_line(case: Case) -> str:
    return next((line for line in reversed(case.log) if line.strip()), "")


def _in_window(case: Case, verdict: Verdict) -> Verdict:
    """A half-done deploy explains it: the category changes, the rule and the line stay."""
    window = case.evidence.window
    if not verdict.deploy_explains or window.state not in IN_DEPLOY:
        return verdict
    why = f" The deploy explains it: {window.reason or window.state.value}."
    return replace(verdict, category=Category.DEPLOY_RACE, sentence=verdict.sentence + why)


def _diagnosis(case: Case, verdict: Verdict) -> Diagnosis:
    error = verdict.error
    return Diagnosis(
        category=verdict.category,
        rule=verdict.rule,
        sentence=redact(verdict.sentence),
        line=redact(verdict.line[:MAX_SHOWN_LINE]),
        excerpt=_excerpt(case.log, error.line if error else len(case.log) - 1),
        advice=verdict.advice,
        fatal_error=error,
        window=case.evidence.window,
    )


def _excerpt(log: Log, line: int) -> tuple[str, ...]:
    around = log[max(0, line - EXCERPT_BEFORE) : line + EXCERPT_AFTER]
    return tuple(redact("\n".join(text[:MAX_SHOWN_LINE] for text in around)).split("\n")) if around else ()
