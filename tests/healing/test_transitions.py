"""What a timer, a refusal, the end of a deploy or a person does to an incident, by values."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting import reports
from cronmend.healing import transitions
from cronmend.model import Category, DeployWindow, ScheduleState, Size, WindowState
from cronmend.model.claims import Claim
from cronmend.model.incident import Attempt, Change, Incident, IncidentState, JobState, PlannedRerun
from cronmend.model.report import MessageKind
from tests.fakes import NOW, later
from tests.incidents import BROKEN, RACE, diagnosed
from tests.incidents import after as run_of
from tests.samples import JOB

ALERT = reports.of_incident(BROKEN, MessageKind.ALERT, "it failed")
TRANSITIONS: dict[str, Callable[[JobState], Change]] = {
    "given up": lambda state: transitions.given_up(state, "it is too late"),
    "deferred": lambda state: transitions.deferred(state, "the next run is near"),
    "shadowed": lambda state: transitions.shadowed(state, "it would have been run"),
    "refused": lambda state: transitions.refused(state, NOW, ()),
    "rechecked": lambda state: transitions.rechecked(state, NOW),
    "brought forward": lambda state: transitions.brought_forward(state, NOW),
    "claimed": lambda state: transitions.claimed(state, NOW),
    "escalated": lambda state: transitions.escalated(state, ALERT, "oncall", timedelta(minutes=30)),
    "acknowledged": lambda state: transitions.acknowledged(state, "jane"),
}
EARLIER, EARLIEST, OF_AWS = later(-10), later(-20), later(-30)
PLANNED = PlannedRerun(2, later(5), rechecks=1, avoid=("FARGATE_SPOT",), size=Size(512, 2048))


def state_of(incident: Incident | None) -> JobState:
    return JobState(JOB, 7, incident=incident, rerun_times=(EARLIEST, EARLIER), infra_times=(OF_AWS,))


def after(change: Change) -> Incident:
    assert change.job_state.incident
    return change.job_state.incident


@pytest.mark.parametrize("transition", TRANSITIONS.values(), ids=TRANSITIONS.keys())
@pytest.mark.parametrize(
    "incident",
    [
        None,
        *(replace(BROKEN, state=state, planned=PLANNED) for state in (IncidentState.HEALED, IncidentState.RECOVERED)),
    ],
    ids=["none", "healed", "recovered"],
)
def test_nothing_happens_to_an_incident_that_is_not_open(
    transition: Callable[[JobState], Change], incident: Incident | None
) -> None:
    with pytest.raises(ValueError, match=f"{JOB} has no open incident"):
        transition(state_of(incident))


def test_a_held_alert_of_no_incident_is_an_error() -> None:
    with pytest.raises(ValueError, match=f"{JOB} has no"):
        transitions.released(state_of(None))


def test_no_room_gives_the_jobs_own_budget_the_rerun_back_and_the_one_for_aws_pays() -> None:
    claimed = replace(RACE, reruns=2, infra_reruns=1, starting="key", size=Size(512, 2048))
    change = transitions.refused(state_of(claimed), later(9), ("FARGATE_SPOT",))
    assert change.job_state.rerun_times == (EARLIEST,)
    assert change.job_state.infra_times == (OF_AWS, EARLIER)
    assert (after(change).reruns, after(change).infra_reruns, after(change).starting) == (2, 2, None)
    assert after(change).planned == PlannedRerun(4, later(9), avoid=("FARGATE_SPOT",), size=Size(512, 2048))


def test_no_room_after_a_failure_of_aws_has_been_paid_already() -> None:
    claimed = diagnosed(replace(BROKEN, reruns=2, infra_reruns=2, starting="key"), category=Category.INFRASTRUCTURE)
    before = state_of(claimed)
    change = transitions.refused(before, later(9), ())
    assert (change.job_state.rerun_times, change.job_state.infra_times) == (before.rerun_times, before.infra_times)
    assert (after(change).reruns, after(change).infra_reruns) == (2, 2)


@pytest.mark.parametrize(("category", "of_aws"), [(Category.DEPLOY_RACE, False), (Category.INFRASTRUCTURE, True)])
def test_an_attempt_is_paid_by_the_budget_for_its_cause(category: Category, of_aws: bool) -> None:
    incident = diagnosed(replace(BROKEN, planned=PLANNED, reruns=1, infra_reruns=1), category=category)
    change = transitions.claimed(state_of(incident), NOW)
    own, aws = ((), (NOW,)) if of_aws else ((NOW,), ())
    assert change.job_state.rerun_times == (EARLIEST, EARLIER, *own)
    assert change.job_state.infra_times == (OF_AWS, *aws)
    assert (after(change).reruns, after(change).infra_reruns) == (2, 1 + of_aws)
    assert change.claim
    assert (after(change).planned, after(change).starting) == (None, change.claim.key)
    assert (change.claim.number, change.claim.slot, change.claim.claimed_at) == (2, BROKEN.slot, NOW)
    assert (change.claim.avoid, change.claim.size, after(change).size) == (PLANNED.avoid, PLANNED.size, PLANNED.size)


def test_a_run_that_a_person_requests_is_the_first_of_a_job_that_has_no_incident() -> None:
    change = transitions.requested(state_of(None), "key", "jane", NOW)
    assert change.claim == Attempt("key", JOB, "", 1, NOW, by="jane", whole_slot=True)
    assert change.job_state.rerun_times == (EARLIEST, EARLIER, NOW)
    again = transitions.requested(state_of(replace(BROKEN, reruns=2)), "key", "jane", NOW)
    assert again.claim == Attempt("key", JOB, "", 4, NOW, BROKEN.slot, by="jane")
    assert (after(again).reruns, after(again).infra_reruns) == (3, 0)


@pytest.mark.parametrize(
    ("slot", "incident", "whole", "named"),
    [
        ("", BROKEN, False, BROKEN.slot),
        ("2026-05-06T10:00:00Z", BROKEN, True, "2026-05-06T10:00:00Z"),
        ("", run_of(BROKEN, no_task=True), True, BROKEN.slot),
        ("", replace(BROKEN, failed=None), True, BROKEN.slot),
        ("2026-05-06T10:00:00Z", replace(BROKEN, failed=None), True, "2026-05-06T10:00:00Z"),
    ],
)
def test_a_requested_run_is_for_a_whole_slot_unless_it_repeats_a_task(
    slot: str, incident: Incident, named: str, *, whole: bool
) -> None:
    """As many tasks succeed then as the schedule starts at once."""
    claim = transitions.requested(state_of(incident), "key", "jane", NOW, slot).claim
    assert claim
    assert (claim.whole_slot, claim.slot) == (whole, named)


def test_an_attempt_that_nobody_planned_is_the_next_one() -> None:
    claim = transitions.claimed(state_of(replace(BROKEN, reruns=2)), NOW).claim
    assert claim
    assert (claim.number, claim.avoid, claim.size) == (4, (), None)


def test_a_rerun_that_waits_keeps_what_was_planned_for_it() -> None:
    waiting = state_of(replace(RACE, planned=PLANNED))
    assert after(transitions.rechecked(waiting, later(10))).planned == replace(PLANNED, at=later(10), rechecks=2)
    assert after(transitions.brought_forward(waiting, NOW)).planned == replace(PLANNED, at=NOW)
    for transition in (transitions.rechecked, transitions.brought_forward):
        with pytest.raises(ValueError, match="no re-run planned"):
            transition(state_of(RACE), NOW)


def test_a_refused_run_frees_its_own_claim_only() -> None:
    claim = Claim("key", NOW)
    state = replace(state_of(BROKEN), claim=claim)
    assert transitions.not_started(state, "key").claim is None
    assert transitions.not_started(state, "another").claim == claim


def test_what_cancels_a_rerun_takes_its_attempt_back_too() -> None:
    held = replace(RACE, state=IncidentState.HEALING, planned=PLANNED, starting="key", held_until=later(60))
    changes = [TRANSITIONS[name](state_of(held)) for name in ("given up", "deferred", "shadowed")]
    assert [(after(each).planned, after(each).starting) for each in changes] == [(None, None)] * 3
    assert [after(each).held_until for each in changes] == [None, later(60), None]
    assert [[message.report.kind for message in each.messages] for each in changes] == [
        [MessageKind.ALERT],
        [],
        [MessageKind.ALERT],
    ]


def test_what_cancels_a_rerun_says_why() -> None:
    held = state_of(replace(RACE, planned=PLANNED))
    changes = {name: TRANSITIONS[name](held) for name in ("given up", "deferred", "shadowed")}
    assert {name: after(each).no_rerun for name, each in changes.items()} == {
        "given up": "it is too late",
        "deferred": "the next run is near",
        "shadowed": "the mode is shadow",
    }
    (message,) = changes["shadowed"].messages
    assert message.report.what_happens.startswith("In mode heal, it would have been run.")


@pytest.mark.parametrize("state", [None, *ScheduleState])
def test_giving_up_keeps_what_has_become_of_the_schedule(state: ScheduleState | None) -> None:
    known = replace(RACE, schedule=ScheduleState.DISABLED)
    change = transitions.given_up(state_of(known), "why", schedule=state)
    assert after(change).schedule is (state or ScheduleState.DISABLED)


def test_giving_up_may_be_of_another_kind() -> None:
    change = transitions.given_up(state_of(RACE), "why", DeployWindow(WindowState.STUCK))
    assert [message.report.kind for message in change.messages] == [MessageKind.HALF_DONE]


def test_giving_up_says_whether_reruns_were_made() -> None:
    kinds = [
        [message.report.kind for message in transitions.given_up(state_of(replace(RACE, reruns=made)), "why").messages]
        for made in (0, 1)
    ]
    assert kinds == [[MessageKind.ALERT], [MessageKind.GAVE_UP]]


def test_a_released_alert_lets_the_planned_rerun_go_on() -> None:
    held = replace(RACE, state=IncidentState.HEALING, planned=PLANNED, held_until=NOW)
    change = transitions.released(state_of(held))
    assert (after(change).state, after(change).held_until) == (IncidentState.ALERTED, None)
    assert after(change).planned == PLANNED
    (message,) = change.messages
    assert message.report.kind is MessageKind.ALERT
    assert message.report.what_happens.startswith("Cronmend held this alert while it tried to heal the job.")


def test_an_alert_is_escalated_once() -> None:
    change = transitions.escalated(state_of(BROKEN), ALERT, "oncall", timedelta(minutes=30))
    (message,) = change.messages
    assert (message.report.kind, message.route, message.incident) == (MessageKind.ESCALATION, "oncall", BROKEN.id)
    assert message.change == "escalation-oncall-schema_mismatch"
    known = replace(BROKEN, notified=("alert-schema_mismatch",))
    assert after(transitions.escalated(state_of(known), ALERT, "oncall", timedelta(minutes=30))).notified == (
        *known.notified,
        message.change,
    )
    again = transitions.escalated(change.job_state, ALERT, "oncall", timedelta(minutes=30))
    assert again == Change(change.job_state)
