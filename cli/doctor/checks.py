"""Checks of the stack's own resources: what was read → findings. Pure; each returns at least one finding."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from cli.doctor.facts import Alarms, Deployed, Function, Permission, Rule, Table
from cli.doctor.findings import Finding, State
from cronmend.model import Missing
from cronmend.wording import times

type Check[T] = Callable[[T], Sequence[Finding]]
RESTORE = (
    "Create a drift-aware change set of the stack in CloudFormation (`--deployment-mode REVERT_DRIFT`), and execute "
    "it. Another deploy of the same template doesn't restore it."
)
"""What a person changed or deleted outside CloudFormation stays so in a deploy that doesn't change it itself:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html"""
NAMED = 5
"""How many names a finding lists."""
_READ_AGAIN = "Fix what it names, or use credentials that can read it. Then run `cronmend doctor` again."
_OFF_WITHOUT_PIPELINES = ("PipelineRan", "CodeDeployed")
"""How the rules end that a stack without the parameter Pipelines disables."""
_OF_A_TRAIL = "RunTaskAnswered"
"""The rule that a stack without WatchRunTask disables."""
_PROMISES = "Promises"
"""The ledger's index."""


def check[T](
    name: str, fine: str | Callable[[Any], str]
) -> Callable[[Callable[[T], Sequence[Finding]]], Check[T | Missing]]:
    """A check with this name. ``fine`` says what is right if it finds nothing; an unread part is said to be one."""

    def named(find: Callable[[T], Sequence[Finding]]) -> Check[T | Missing]:
        @wraps(find)
        def checked(fact: T | Missing) -> Sequence[Finding]:
            if isinstance(fact, Missing):
                return [Finding(name, State.UNREAD, f"It couldn't be read: {fact.reason}", _READ_AGAIN)]
            return find(fact) or [Finding(name, State.OK, fine if isinstance(fine, str) else fine(fact))]

        return checked

    return named


def wrong(check: str, what: str, remedy: str) -> Finding:
    return Finding(check, State.FINDING, what, remedy)


def some(names: Sequence[str]) -> str:
    """How many, with the first of them."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{times(len(names), 'job')} ({', '.join(names[:NAMED])}{more})"


def stack_of(installed: str) -> Check[Deployed | Missing]:
    """``installed`` is the version of this command."""

    @check("stack", f"The stack is complete, and its version is {installed}, as of this command.")
    def stack(found: Deployed) -> list[Finding]:
        findings = []
        if not found.status.endswith("_COMPLETE") or "ROLLBACK" in found.status:
            what = f"CloudFormation says {found.status}."
            findings.append(wrong("stack", what, "Read the stack's events in CloudFormation, then deploy again."))
        if found.version != installed:
            what = f"The stack's version is {found.version or 'unknown'}, and that of this command {installed}."
            findings.append(wrong("stack", what, "Deploy this version, or use the command of the stack's version."))
        return findings

    return stack


def rules_of(pipelines: str, run_task: str = "") -> Check[Sequence[Rule] | Missing]:
    """``pipelines`` is the stack's parameter."""

    @check("rules", "Each rule is enabled, has a target, and its pattern matches an event of its kind.")
    def rules(found: Sequence[Rule]) -> list[Finding]:
        findings = [] if found else [wrong("rules", "The stack has no rules.", RESTORE)]
        for rule in found:
            idle = (rule.id.endswith(_OFF_WITHOUT_PIPELINES) and not pipelines) or (
                rule.id == _OF_A_TRAIL and run_task != "true"
            )
            if not rule.enabled and not idle:
                findings.append(wrong("rules", f"The rule {rule.id} is disabled.", "Enable it in EventBridge."))
            if not rule.targets:
                findings.append(wrong("rules", f"The rule {rule.id} has no target.", RESTORE))
            if rule.matches is False:
                what = f"The pattern of the rule {rule.id} doesn't match an event of its kind: it was changed."
                findings.append(wrong("rules", what, RESTORE))
        return findings

    return rules


@check("functions", "Each function is active, and its queues and streams trigger it.")
def functions(found: Sequence[Function]) -> list[Finding]:
    findings = [] if found else [wrong("functions", "The stack has no functions.", RESTORE)]
    for each in found:
        if each.state != "Active" or each.last_update != "Successful":
            what = f"{each.name} is {each.state}, its last update {each.last_update}."
            findings.append(wrong("functions", what, "Read the function's page in Lambda, then deploy again."))
        if each.reserved == 0:
            remedy = f"Run `aws lambda delete-function-concurrency --function-name {each.name}`."
            findings.append(wrong("functions", f"{each.name} is throttled: it may not run at all.", remedy))
        for source, state in each.sources.items():
            if state not in {"Enabled", "Enabling", "Creating", "Updating"}:
                what = f"{each.name} doesn't receive what arrives in {source}: the event source is {state}."
                findings.append(wrong("functions", what, "Enable the event source on the function's page in Lambda."))
    return findings


@check("permissions", "IAM's simulation allows each function what it needs.")
def permissions(found: Sequence[Permission]) -> list[Finding]:
    remedy = f"Look for a permissions boundary or a policy of the organization. If the role was changed: {RESTORE}"
    return [
        wrong("permissions", f"{each.function} may not call {each.action}.", remedy)
        for each in found
        if not each.allowed
    ]


@check("ledger", "The table is active, with its stream, its index and its expiry.")
def ledger(found: Table) -> list[Finding]:
    findings = []
    if found.status not in {"ACTIVE", "UPDATING"}:
        findings.append(wrong("ledger", f"The table is {found.status}.", "Wait, or restore the table."))
    if not found.streams:
        findings.append(wrong("ledger", "The table has no stream, so no message is sent.", RESTORE))
    if _PROMISES not in found.indexes:
        what = f"The table has no index {_PROMISES}, so nothing overdue is found."
        findings.append(wrong("ledger", what, RESTORE))
    if not found.forgets:
        findings.append(wrong("ledger", "Items don't expire: the table only grows.", RESTORE))
    return findings


@check("alarms", "Each alarm exists, is quiet and can notify.")
def alarms(found: Alarms) -> list[Finding]:
    findings = [wrong("alarms", f"The alarm {name} doesn't exist any more.", RESTORE) for name in found.gone]
    for each in found.found:
        if not each.notifies:
            remedy = f"Run `aws cloudwatch enable-alarm-actions --alarm-names {each.name}`."
            findings.append(wrong("alarms", f"The alarm {each.name} notifies no one: its actions are off.", remedy))
        if each.state == "ALARM":
            findings.append(wrong("alarms", f"The alarm {each.name} is in ALARM.", each.description))
    return findings


def summary(findings: Sequence[Finding]) -> str:
    """One line about all of them."""
    count = {state: sum(each.state is state for each in findings) for state in State}
    wrong_ones = times(count[State.FINDING], "finding") if count[State.FINDING] else "no findings"
    unread = f", {count[State.UNREAD]} couldn't be examined" if count[State.UNREAD] else ""
    return f"{count[State.OK]} checks are fine, {wrong_ones}{unread}."
