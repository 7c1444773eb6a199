"""What to do follows the state of the deploy, and every command works as it is written."""

from copy import replace

import pytest

from cronmend.alerting import advice
from cronmend.model import Category, DeployWindow, Policy, Proof, ScheduleState, Size, WindowState
from cronmend.model.incident import Incident, PlannedRerun
from cronmend.model.report import ALERTS, MessageKind
from tests.fakes import later
from tests.incidents import BROKEN, RACE, after, diagnosed

RERUN = "`cronmend rerun cronmend-jobs/publish-scheduled`"
FORCED = "`cronmend rerun cronmend-jobs/publish-scheduled --force`"
WHY = "the column is missing (dropped, never migrated, wrong database). Fix it, then run"
PLANNED = PlannedRerun(2, later(6))


def said(incident: Incident, state: WindowState, **changes: object) -> str:
    there = diagnosed(incident, window=DeployWindow(state))
    return advice.of(replace(there, **changes), MessageKind.ALERT)  # type: ignore[arg-type] # fields of an incident


@pytest.mark.parametrize(
    ("state", "changes", "text"),
    [
        (WindowState.OPEN, {"planned": PLANNED}, "Wait: Cronmend re-runs it when the deploy ends."),
        (WindowState.OPEN, {"policy": Policy.UNSTARTED}, f"Wait until the deploy ends, then run {FORCED}."),
        (
            WindowState.RECENT,
            {"planned": PLANNED},
            f"Wait for the one re-run that Cronmend makes. If it fails too, find out why {WHY} {RERUN}.",
        ),
        (WindowState.RECENT, {"reruns": 1}, f"Find out why {WHY} {RERUN}."),
        (WindowState.CLOSED, {}, f"Find out why {WHY} {RERUN}."),
        (
            WindowState.STUCK,
            {},
            "Run webapp:57's migration, or point the schedule back to webapp:56. "
            f"Then run {RERUN}, or wait for the next scheduled run.",
        ),
        (WindowState.OLDER_CODE, {}, f"Point the schedule at the service's revision, then run {RERUN}."),
        (
            WindowState.UNKNOWN,
            {},
            f"Check whether a deploy is in progress. If so, wait until it ends, then run {RERUN}. "
            f"If not, find out why {WHY} {RERUN}.",
        ),
    ],
)
def test_the_state_of_the_deploy_decides(state: WindowState, changes: dict[str, object], text: str) -> None:
    assert said(RACE, state, **changes) == text


MAYBE = diagnosed(
    BROKEN,
    category=Category.CONFIGURATION_ERROR,
    advice="Set the variable. Then run `cronmend rerun JOB`.",
    deploy_explains=False,
    deploy_may_explain=True,
)
OTHERWISE = f"If not, set the variable. Then run {RERUN}."


@pytest.mark.parametrize(
    ("state", "changes", "text"),
    [
        (
            WindowState.OPEN,
            {"planned": PLANNED},
            f"Wait for the re-run: the deploy may explain this. If it fails too, set the variable. Then run {RERUN}.",
        ),
        (
            WindowState.OPEN,
            {},
            f"If the deploy explains this, wait until it ends, then run {RERUN}. {OTHERWISE}",
        ),
        (WindowState.RECENT, {}, f"If the deploy that just ended explains this, run {RERUN}. {OTHERWISE}"),
        (WindowState.RECENT, {"reruns": 1}, f"Set the variable. Then run {RERUN}."),
        (WindowState.CLOSED, {}, f"Set the variable. Then run {RERUN}."),
        (
            WindowState.STUCK,
            {},
            "If the half-done deploy explains this: finish the deploy, or point the schedule back to webapp:56. "
            f"Then run {RERUN}. {OTHERWISE}",
        ),
        (
            WindowState.OLDER_CODE,
            {},
            "If the older code explains this, point the schedule at the service's revision, "
            f"then run {RERUN}. {OTHERWISE}",
        ),
        (
            WindowState.UNKNOWN,
            {},
            f"Check whether a deploy is in progress. If so, wait until it ends, then run {RERUN}. {OTHERWISE}",
        ),
    ],
)
def test_if_a_deploy_may_explain_it_both_causes_have_their_advice(
    state: WindowState, changes: dict[str, object], text: str
) -> None:
    assert said(MAYBE, state, **changes) == text


@pytest.mark.parametrize(("changes", "first"), [({"reruns": 1}, ""), ({"planned": PLANNED}, "Wait for the one re-run")])
def test_after_an_assumed_end_the_migration_is_checked_first(changes: dict[str, object], first: str) -> None:
    there = diagnosed(RACE, window=DeployWindow(WindowState.RECENT, proof=Proof.ASSUMED))
    text = advice.of(replace(there, **changes), MessageKind.ALERT)  # type: ignore[arg-type] # fields of an incident
    assert text.startswith(first)
    assert f"heck whether the deploy's migration ran. If it did, find out why {WHY} {RERUN}." in text


def test_without_a_missing_column_the_rule_says_what_to_do() -> None:
    other = diagnosed(BROKEN, line="cached plan must not change result type")
    assert said(other, WindowState.CLOSED) == f"Find out why the schema is behind. Fix it, then run {RERUN}."


def test_a_half_done_deploy_that_never_worked_before_names_no_revision_to_go_back_to() -> None:
    first = after(RACE, last_good=type(RACE.failed.last_good)()) if RACE.failed else RACE
    assert "point the schedule back to the previous revision" in said(first, WindowState.STUCK)


@pytest.mark.parametrize(
    ("changes", "forced"),
    [
        ({}, False),
        ({"policy": Policy.NEVER}, True),
        ({"policy": Policy.UNSTARTED}, True),
        ({"reruns": 2}, False),
        ({"reruns": 3}, True),
        ({"reruns": 3, "infra_reruns": 1}, False),
        ({"schedule": ScheduleState.DISABLED}, True),
    ],
)
def test_a_guard_that_would_block_the_command_is_overridden_in_it(changes: dict[str, object], forced: bool) -> None:
    text = said(BROKEN, WindowState.CLOSED, **changes)
    assert (FORCED in text, RERUN in text) == (forced, not forced)


def test_code_that_never_ran_needs_no_force_under_the_default_policy() -> None:
    never_ran = after(diagnosed(BROKEN, category=Category.CONFIGURATION_ERROR, deploy_explains=False), ran=False)
    assert RERUN in said(never_ran, WindowState.CLOSED, policy=Policy.UNSTARTED)
    assert said(never_ran, WindowState.OPEN).startswith(
        "The deploy in progress may still fix this. If so, wait for it."
    )


def test_a_planned_rerun_after_a_failure_of_aws_is_waited_for() -> None:
    taken = diagnosed(BROKEN, category=Category.INFRASTRUCTURE, deploy_explains=False, advice="No fix needed.")
    assert said(taken, WindowState.CLOSED) == "No fix needed."
    assert said(taken, WindowState.CLOSED, planned=PLANNED) == (
        "Wait for the re-run: failures of AWS usually pass. If this one doesn't, Cronmend alerts again."
    )


def test_a_cause_that_never_let_a_run_start_says_what_to_check() -> None:
    advice = "If earlier runs started, no fix is needed. If no run ever started, check the security group."
    taken = diagnosed(BROKEN, category=Category.INFRASTRUCTURE, deploy_explains=False, advice=advice)
    text = said(taken, WindowState.CLOSED, planned=PLANNED)
    assert text.endswith("Cronmend alerts again. If no run ever started, check the security group.")


def test_a_rule_that_forces_the_command_keeps_that() -> None:
    passing = diagnosed(BROKEN, category=Category.DEPENDENCY_UNAVAILABLE, deploy_explains=False)
    passing = diagnosed(passing, advice="Check the service. Then run `cronmend rerun JOB --force`.")
    assert said(passing, WindowState.CLOSED) == f"Check the service. Then run {FORCED}."
    assert said(passing, WindowState.CLOSED, planned=PLANNED) == (
        f"Wait for the re-run. If it fails too, check the service. Then run {FORCED}."
    )


def test_without_a_schedule_the_command_is_printed_elsewhere() -> None:
    text = said(BROKEN, WindowState.CLOSED, schedule=ScheduleState.UNKNOWN)
    assert text.endswith("Fix it, then run the command that `cronmend why a1` prints.")
    assert "cronmend rerun" not in text


def test_a_run_that_was_missed_may_be_made_by_hand() -> None:
    missed = replace(diagnosed(BROKEN, category=Category.MISSED, advice=""), failed=None)
    assert advice.of(missed, MessageKind.ALERT).endswith(f"If so, run {RERUN}.")


@pytest.mark.parametrize("kind", MessageKind)
def test_only_what_asks_people_to_act_has_advice(kind: MessageKind) -> None:
    text = advice.of(BROKEN, kind)
    ended = kind in {MessageKind.HEALED, MessageKind.RECOVERED}
    assert (text == advice.NO_ACTION) == ended
    assert bool(text) == (ended or kind in ALERTS)


def test_memory_that_healed_it_is_to_be_kept() -> None:
    text = advice.of(replace(BROKEN, size=Size(512, 2048)), MessageKind.HEALED)
    assert "set cpu and memory in the task definition" in text


def test_a_group_names_no_single_job() -> None:
    text = said(BROKEN, WindowState.CLOSED)
    assert advice.for_each_job(text, BROKEN.job) == f"Find out why {WHY} `cronmend rerun JOB`."


@pytest.mark.parametrize(("kind", "keeps"), [(MessageKind.HEALED, True), (MessageKind.RECOVERED, False)])
def test_only_a_larger_rerun_that_healed_the_job_is_a_reason_to_keep_its_size(kind: MessageKind, keeps: bool) -> None:
    grown = replace(BROKEN, size=Size(512, 2048))
    assert advice.of(grown, kind).startswith("To keep 2048 MiB") is keeps
    assert advice.of(BROKEN, kind) == "No action needed."


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            "No fix needed: a lock was held. If the job is safe to repeat, run `cronmend rerun JOB --force`. "
            "If it repeats, find out what holds the lock.",
            "Wait for the re-run: a lock was held. If it fails too, find out what holds the lock.",
        ),
        (
            "No fix needed: the mail server was busy. Wait a few minutes. If the job is safe to repeat, run "
            "`cronmend rerun JOB --force`.",
            "Wait for the re-run: the mail server was busy. If it fails too, wait until that has passed, "
            f"then run {FORCED}.",
        ),
        (
            "Check that the service is up. Then run `cronmend rerun JOB`.",
            f"Wait for the re-run. If it fails too, check that the service is up. Then run {RERUN}.",
        ),
    ],
)
def test_while_a_re_run_is_planned_no_advice_says_that_a_failed_one_needs_no_fix(rule: str, text: str) -> None:
    passing = diagnosed(BROKEN, category=Category.DEPENDENCY_UNAVAILABLE, advice=rule, deploy_explains=False)
    assert said(passing, WindowState.CLOSED, planned=PLANNED) == text


@pytest.mark.parametrize(
    ("incident", "command"),
    [
        (replace(BROKEN, schedule=ScheduleState.UNKNOWN), "cronmend why a1"),
        (replace(BROKEN, schedule=ScheduleState.UNKNOWN, failed=None), f"cronmend rerun {BROKEN.job}"),
        (replace(BROKEN, schedule=ScheduleState.DELETED), f"cronmend rerun {BROKEN.job}"),
    ],
)
def test_the_command_explains_the_run_if_the_jobs_schedule_is_not_known(incident: Incident, command: str) -> None:
    assert advice.command(incident).removesuffix(" --force") == command
