"""Each planted fault is found by its check, and by no other; each finding says what to do."""

import re
from copy import replace
from dataclasses import fields
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
from botocore.session import Session

from cli.doctor.app import examined
from cli.doctor.checks import RESTORE, summary
from cli.doctor.checks_of_use import OVERDUE
from cli.doctor.facts import (
    Alarms,
    Cluster,
    Deployed,
    Facts,
    Permission,
    PublishedFiles,
    Rule,
    Scheduled,
    Secret,
    Slack,
    Table,
    Topic,
)
from cli.doctor.findings import Finding, State, exit_status
from cronmend.adapters.ledger.published import File, Published
from cronmend.jobs.schedule_findings import disabled
from cronmend.jobs.watched import Starter, Verdict, Watch
from cronmend.model import Missing
from cronmend.model.findings import KnownFinding, KnownFindings
from cronmend.wording import clock
from tests.cli.doctor.healthy import ALARM, FOLLOWING, FUNCTION, HEALTHY, HOLD, QUEUE, RULE, WATCHED, facts
from tests.fakes import NOW
from tests.samples import JOB

STACK = HEALTHY.stack
assert isinstance(STACK, Deployed)
TABLE = Table("ACTIVE", streams=True, indexes=["Promises"], forgets=True)
HEARD = Scheduled(JOB, WATCHED, JOB, QUEUE)
ELSEWHERE = Scheduled("default/other", Verdict(Starter.SCHEDULE, Watch.NO, "It runs in the cluster other."))
UNIVERSAL = Scheduled("default/universal", Verdict(Starter.UNIVERSAL, Watch.ALERTS_ONLY, "Convert it."))


def wrong(findings: Any) -> list[Finding]:
    return [each for each in findings if each.state is State.FINDING]


def test_a_stack_that_works_has_no_finding() -> None:
    findings = examined(HEALTHY)
    assert {each.state for each in findings} == {State.OK}
    assert exit_status(findings) == 0
    assert summary(findings) == "20 checks are fine, no findings."


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "rolled back": ({"stack": replace(STACK, status="UPDATE_ROLLBACK_COMPLETE")}, "stack", "UPDATE_ROLLBACK_COMPLETE"),
    "another version": ({"stack": replace(STACK, version="0.0.9")}, "stack", "0.0.9"),
    "a rule is disabled": ({"rules": [replace(RULE, enabled=False)]}, "rules", "RunStopped is disabled"),
    "a rule matches nothing": ({"rules": [replace(RULE, matches=False)]}, "rules", "doesn't match"),
    "a rule has no target": ({"rules": [replace(RULE, targets=0)]}, "rules", "no target"),
    "no rules": ({"rules": []}, "rules", "no rules"),
    "a queue triggers nothing": (
        {"functions": [replace(FUNCTION, sources={"cronmend-TaskStateQueue": "Disabled", QUEUE: "Enabled"})]},
        "functions",
        "cronmend-TaskStateQueue",
    ),
    "a function may not run": ({"functions": [replace(FUNCTION, reserved=0)]}, "functions", "throttled"),
    "a function failed to update": ({"functions": [replace(FUNCTION, last_update="Failed")]}, "functions", "Failed"),
    "a denied call": (
        {"permissions": [Permission("RerunFunction", "ecs:RunTask", allowed=False)]},
        "permissions",
        "RerunFunction may not call ecs:RunTask",
    ),
    "no stream": ({"table": replace(TABLE, streams=False)}, "ledger", "no stream"),
    "no index": ({"table": replace(TABLE, indexes=[])}, "ledger", "no index"),
    "no expiry": ({"table": replace(TABLE, forgets=False)}, "ledger", "expire"),
    "a silent alarm": ({"alarms": Alarms([replace(ALARM, notifies=False)], [])}, "alarms", "notifies no one"),
    "an alarm": ({"alarms": Alarms([replace(ALARM, state="ALARM")], [])}, "alarms", "in ALARM"),
    "a deleted alarm": ({"alarms": Alarms([ALARM], ["gone"])}, "alarms", "gone doesn't exist"),
    "no subscriber": (
        {"topic": Topic(0, []), "stack": Deployed("UPDATE_COMPLETE", version("cronmend"), {})},
        "topic",
        "alerts and alarms reach no one",
    ),
    "not confirmed": ({"topic": Topic(1, ["ann@example.org"])}, "topic", "ann@example.org"),
    "a useless secret": ({"secrets": [Secret("SlackSecretArn", "it is empty")]}, "secrets", "it is empty"),
    "a revoked token": ({"slack": Slack("token_revoked", frozenset())}, "slack", "token_revoked"),
    "a missing scope": ({"slack": Slack("", frozenset({"chat:write"}))}, "slack", "usergroups:read"),
    "no cluster": ({"clusters": [Cluster("app-prod", "", 0)]}, "clusters", "app-prod is not there"),
    "a policy of no schedule": ({"policies": [JOB, f"{JOB}s"]}, "policies", f"1 job ({JOB}s) with a policy"),
    "nothing watched": ({"scheduled": [ELSEWHERE], "policies": []}, "schedules", "watches no schedule"),
    "watched in part": (
        {"scheduled": [HEARD, UNIVERSAL]},
        "schedules",
        "default/universal",
    ),
    "an unreadable expression": (
        {"scheduled": [replace(HEARD, unread="Cronmend can't read the expression cron(x)")]},
        "schedules",
        f"{JOB}: Cronmend can't read the expression cron(x)",
    ),
    "a copied ID": (
        {"scheduled": [replace(HEARD, name="default/copy")], "policies": []},
        "schedules",
        f"CRONMEND_JOB={JOB}",
    ),
    "no dead-letter queue": (
        {"scheduled": [Scheduled(JOB, WATCHED)] * 6},
        "starts",
        f"6 jobs ({', '.join([JOB] * 5)} and 1 more) without a dead-letter queue",
    ),
    "a queue that no one reads": (
        {"scheduled": [Scheduled(JOB, WATCHED, JOB, "own-dlq")]},
        "starts",
        "doesn't read the dead-letter queue own-dlq",
    ),
    "a dead letter": ({"dead_letters": {"TimerDeadLetters": 1}}, "dead letters", "TimerDeadLetters has 1 message"),
    "held for too long": (
        {"holds": [replace(HOLD, until=NOW - OVERDUE - timedelta(seconds=1))]},
        "holds",
        f"{JOB} should have been released",
    ),
    "a schedule that was left where it is": (
        {"followings": [replace(FOLLOWING, waits="nothing proves it", told="nothing proves it")]},
        "follow",
        f"{JOB} doesn't follow its service: nothing proves it",
    ),
    "a move that no one finishes": (
        {"followings": [replace(FOLLOWING, leased_until=NOW - OVERDUE - timedelta(seconds=1))]},
        "follow",
        "are half moved",
    ),
    "a finding": (
        {"known": KnownFindings((KnownFinding(disabled(JOB, NOW), NOW),))},
        "findings",
        "disabled for at least 7 days",
    ),
    "an open circuit": ({"circuit_until": NOW}, "circuit", "open until"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_with_its_remedy(fault: str) -> None:
    changes, check, what = FAULTS[fault]
    findings = examined(facts(**changes))
    (found,) = wrong(findings)
    assert (found.check, exit_status(findings)) == (check, 1)
    assert what in found.what
    assert found.remedy


CHANGED_OUTSIDE = ("a rule matches nothing", "a rule has no target", "no rules", "no stream", "no index", "no expiry")


@pytest.mark.parametrize("fault", [*CHANGED_OUTSIDE, "a denied call", "a deleted alarm"])
def test_the_remedy_of_a_changed_resource_is_no_other_deploy_which_would_change_nothing(fault: str) -> None:
    (found,) = wrong(examined(facts(**FAULTS[fault][0])))
    assert RESTORE in found.remedy


def test_cloudformation_has_the_mode_that_the_remedy_names() -> None:
    (mode,) = re.findall(r"--deployment-mode (\w+)", RESTORE)
    model = Session().get_service_model("cloudformation").operation_model("CreateChangeSet").input_shape
    assert model is not None
    assert mode in model.members["DeploymentMode"].metadata["enum"]


def test_a_hold_of_another_day_is_named_with_its_date_and_the_command_that_ends_it() -> None:
    (found,) = wrong(examined(facts(holds=[replace(HOLD, until=NOW - timedelta(days=1))])))
    assert f"{NOW - timedelta(days=1):%Y-%m-%d}" in found.what
    assert "`cronmend hold release --all`" in found.remedy


def test_a_policy_of_a_misspelt_name_is_told_with_the_name_that_is_near() -> None:
    found = wrong(examined(facts(policies=["cronmend-jobs/publish-scheduld"])))
    assert f"may be meant for {JOB}" in found[0].remedy


def test_watched_schedules_without_a_policy_are_named() -> None:
    found = [each for each in examined(facts(policies=[])) if each.check == "policies"]
    assert [each.what for each in found] == [
        f"1 job ({JOB}) without a policy in jobs.toml: the stack's defaults apply."
    ]


def test_the_doctor_names_who_published_and_what_nobody_has() -> None:
    def said(published: PublishedFiles | None) -> list[str]:
        findings = [each for each in examined(facts(published=published)) if each.check == "published"]
        assert {each.state for each in findings} == {State.OK}
        return [f"{each.what} {each.remedy}".strip() for each in findings]

    assert said(None) == ["The functions use the policies and routes of their package."]
    assert said({File.JOBS: Published("{}", "ann", NOW)}) == [
        f"jobs.json is of {clock(NOW)}, by ann.",
        "No routes are published: each alert goes to the stack's channels. "
        "To change that, run `cronmend alert publish`.",
    ]
    assert said({})[0].startswith("No policies are published: each job has the stack's defaults.")


def test_what_reconcile_could_not_examine_is_not_said_to_be_fine() -> None:
    unanswered = KnownFindings(unanswered=("AWS denied iam:GetRole to Cronmend's role",))
    findings = examined(facts(known=unanswered))
    (found,) = [each for each in findings if each.check == "findings"]
    assert (found.state, exit_status(findings)) == (State.UNREAD, 2)
    assert "AWS denied iam:GetRole" in found.what
    assert "Foresee" in found.remedy


def test_several_faults_are_all_found() -> None:
    changed: dict[str, Any] = {}
    for changes, _, _ in FAULTS.values():
        changed |= changes
    assert len({each.check for each in wrong(examined(facts(**changed)))}) >= 12


PARTS = [each.name for each in fields(Facts) if each.name != "now"]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_could_not_be_read_is_said_with_the_reason(part: str) -> None:
    findings = examined(facts(**{part: Missing("AccessDenied: not you")}))
    (unread,) = [each for each in findings if each.state is State.UNREAD]
    assert "AccessDenied: not you" in unread.what
    assert unread.remedy
    assert not wrong(findings)
    assert exit_status(findings) == 2


def test_an_unread_part_and_a_fault_are_a_fault() -> None:
    findings = examined(facts(rules=Missing("x"), dead_letters={"TimerDeadLetters": 1}))
    assert exit_status(findings) == 1
    assert summary(findings) == "18 checks are fine, 1 finding, 1 couldn't be examined."


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"slack": None}, "doesn't use Slack"),
        ({"slack": Slack("", None)}, "webhook"),
        ({"mode": "shadow"}, "shadow"),
        (
            {"scheduled": [HEARD, ELSEWHERE]},
            "1 not watched; EventBridge Scheduler: 1 watched",
        ),
        ({"holds": []}, "No schedule is held"),
        ({"topic": Topic(0, [])}, "failure of failure_alert"),
    ],
)
def test_what_is_as_the_owner_wants_it_is_no_finding(changes: dict[str, Any], what: str) -> None:
    findings = examined(facts(**changes))
    assert exit_status(findings) == 0
    assert any(what in each.what for each in findings)


def test_a_rule_of_pipelines_is_needed_only_for_pipelines() -> None:
    named = Deployed("UPDATE_COMPLETE", version("cronmend"), {"Pipelines": "site=webapp", "SlackAllowed": "S1"})
    idle = Rule("DeployStateFunctionPipelineRan", enabled=False, targets=1, matches=None)
    (found,) = wrong(examined(facts(stack=named, rules=[RULE, idle])))
    assert "PipelineRan is disabled" in found.what
