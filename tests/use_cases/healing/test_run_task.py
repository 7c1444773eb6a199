"""The effects of RunTask's answers, and of no answer."""

import json
from collections.abc import Mapping
from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.errors import Permanent, Retryable
from cronmend.healing import backoff
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveTask, Missing, Mode
from cronmend.model.incident import Attempt
from cronmend.model.keys import stable_key
from cronmend.use_cases.healing.attempts import TOKEN_LIFE
from cronmend.use_cases.healing.run_task import TaskStarter
from tests.fakes import NOW
from tests.samples import JOB, schedule, stopped
from tests.use_cases.world import CLUSTER, NO_ROOM, World, rerun_timer, unstarted

SPOT_FIRST = [
    {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    {"capacityProvider": "FARGATE", "weight": 0},
]


def on_spot(world: World) -> World:
    parameters = {k: v for k, v in schedule(2).parameters.items() if k != "LaunchType"}
    live = schedule(2, parameters={**parameters, "CapacityProviderStrategy": SPOT_FIRST})
    world.schedules.schedules[JOB] = live
    return world


def test_without_capacity_the_next_attempt_is_later_and_has_its_own_token() -> None:
    world = unstarted()
    world.tasks.refusals = [NO_ROOM]
    first = rerun_timer(world)
    world.due.handle(first, first.at)
    assert world.tasks.started == {}
    again = rerun_timer(world)
    assert (again.attempt, world.incident.infra_reruns) == (3, 1)
    world.due.handle(again, again.at)
    assert len(world.tasks.started) == 1
    assert world.due.handle(first, again.at) == "attempt 2 is no longer wanted"
    assert len(world.tasks.started) == 1


def test_without_spot_capacity_the_targets_other_provider_is_used() -> None:
    world = unstarted(on_spot(World()))
    world.tasks.refusals = [NO_ROOM]
    first = rerun_timer(world)
    world.due.handle(first, first.at)
    again = rerun_timer(world)
    assert again.at - first.at < timedelta(minutes=1)
    world.due.handle(again, again.at)
    (request,) = world.tasks.started.values()
    assert request["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE", "weight": 1}]


def test_repeated_lack_of_capacity_ends_with_an_alert() -> None:
    world = unstarted()
    world.tasks.refusals = [NO_ROOM] * 9
    for _ in range(3):
        timer = rerun_timer(world)
        world.due.handle(timer, timer.at)
    assert [kind for kind, _ in world.told] == ["gave_up"]
    assert world.incident.planned is None
    assert world.incident.no_rerun == f"AWS had no capacity for it again: {NO_ROOM.reason}"


def test_a_refusal_that_does_not_pass_is_an_alert() -> None:
    world = unstarted()
    world.tasks.refusals = [Refusal("ATTRIBUTE", passes=False)]
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert "Cronmend won't re-run it again: ECS started no task: ATTRIBUTE." in world.told[0][1]
    assert world.incident.planned is None


@pytest.mark.parametrize(("passes", "instead_of"), [(True, "FARGATE_SPOT"), (False, "")])
def test_only_a_refusal_that_passes_leaves_a_capacity_provider_out(passes: bool, instead_of: str) -> None:
    world = on_spot(World())
    world.tasks.refusals = [Refusal("RESOURCE:CPU", passes)]
    starter = TaskStarter(world.schedules, world.tasks, world.of)
    assert starter.run(Attempt("key", JOB, "a1", 2, NOW)) == Refusal("RESOURCE:CPU", passes, instead_of)


def test_after_the_tokens_life_an_unanswered_attempt_is_not_retried() -> None:
    world = unstarted()
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    world.tasks.refusal = None
    world.due.handle(timer, timer.at + TOKEN_LIFE + timedelta(seconds=1))
    assert world.tasks.started == {}
    assert "can't tell whether run 2 started: AWS didn't answer in time" in world.told[-1][1]


def test_an_attempt_whose_task_is_active_is_only_recorded() -> None:
    world = unstarted()
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    world.tasks.refusal = None
    (attempt,) = world.attempts()
    own = LiveTask("arn:task/own", CLUSTER, stopped().task_definition, f"cronmend/{attempt.key}", stopped().overrides)
    world.tasks.active_tasks = [own]
    world.due.handle(timer, timer.at)
    assert world.tasks.started == {}
    assert next(iter(world.attempts())).task_arn == "arn:task/own"


@pytest.mark.parametrize("mode", [Mode.OFF, Missing("denied")])
def test_the_mode_also_applies_to_an_attempt_already_claimed(mode: Mode | Missing) -> None:
    world = unstarted()
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    world.tasks.refusal, world.modes.mode = None, mode
    world.due.handle(timer, timer.at)
    assert world.tasks.started == {}


def test_each_refusal_leaves_one_more_capacity_provider_out() -> None:
    world = unstarted(on_spot(World()))
    live = world.schedules.schedules[JOB]
    three = [*SPOT_FIRST, {"capacityProvider": "own-instances", "weight": 0}]
    world.schedules.schedules[JOB] = replace(live, parameters={**live.parameters, "CapacityProviderStrategy": three})
    world.tasks.refusals = [NO_ROOM, NO_ROOM]
    for _ in range(3):
        timer = rerun_timer(world)
        world.due.handle(timer, timer.at)
    (request,) = world.tasks.started.values()
    assert [each["capacityProvider"] for each in request["capacityProviderStrategy"]] == ["own-instances"]


@pytest.mark.parametrize(
    ("limits", "budget"),
    [(Limits(max_infra_attempts=1), Budget(per_day=9)), (Limits(max_infra_attempts=9), Budget(per_day=1))],
    ids=["the incident's last", "the day's last"],
)
def test_an_attempt_that_was_counted_before_is_not_blocked_by_its_own_count(limits: Limits, budget: Budget) -> None:
    world = unstarted(World(limits=limits, budget=budget))
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    world.tasks.refusal = None
    again = rerun_timer(world)
    world.due.handle(again, again.at)
    assert len(world.tasks.started) == 1


@pytest.mark.parametrize(
    ("refusal", "error"),
    [(NO_ROOM, None), (Refusal("ATTRIBUTE", passes=False), None), (None, Permanent("webapp:2 is inactive"))],
    ids=["no room", "refused for good", "an error"],
)
def test_a_run_that_is_refused_after_the_incident_is_over_changes_nothing(
    refusal: Refusal | None, error: Permanent | None
) -> None:
    """The job recovers while ECS is being asked."""
    world = unstarted()
    world.tasks.refusal = Retryable("no answer")
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    claim = world.ledger.read(JOB).claim
    assert claim
    world.succeeds(at=timer.at + timedelta(minutes=1))
    before, told = world.ledger.read(JOB), list(world.told)
    world.tasks.refusal, world.tasks.refusals = error, [refusal] if refusal else []
    world.due.attempts.start(attempt, claim, timer.at + timedelta(minutes=2))
    assert (world.ledger.read(JOB), world.told) == (before, told)
    assert world.tasks.started == {}


def test_the_next_attempt_after_a_refusal_waits_by_a_jitter_of_its_own() -> None:
    """Many jobs that AWS refuses at once don't come again at once."""
    world = unstarted()
    world.tasks.refusals = [NO_ROOM]
    first = rerun_timer(world)
    world.due.handle(first, first.at)
    again = rerun_timer(world)
    key = stable_key(again.incident, again.attempt)
    assert again.at == first.at + backoff.wait(Limits().recheck_after, 1, key)


def test_a_target_may_have_the_schedulers_words_filled_in_as_the_scheduler_does() -> None:
    words = ("schedule-arn", "scheduled-time", "execution-id", "attempt-number")
    given = json.dumps(
        {"containerOverrides": [{"name": "web", "command": [f"<aws.scheduler.{each}>" for each in words]}]}
    )
    world = World()
    world.schedules.schedules[JOB] = schedule(2, target_input=given)
    starter = TaskStarter(world.schedules, world.tasks, JobPolicy)
    starter.run(Attempt("key", JOB, "a1", 2, NOW, "2026-05-06T11:00:00Z"))
    (request,) = world.tasks.started.values()
    (override,) = request["overrides"]["containerOverrides"]
    assert override["command"] == [schedule().arn, "2026-05-06T11:00:00Z", "key", "2"]


@pytest.mark.parametrize(
    ("containers", "marked"),
    [((), ()), (("web",), ("web",)), (("web", "sidecar"), ()), (("",), ())],
    ids=["none", "one", "two", "no name"],
)
def test_without_a_policy_that_names_it_a_targets_only_container_knows_what_it_is(
    containers: tuple[str, ...], marked: tuple[str, ...]
) -> None:
    """Which of several runs the job can't be known."""
    overrides = [{"name": name} if name else {} for name in containers]
    world = World()
    world.schedules.schedules[JOB] = schedule(2, target_input=json.dumps({"containerOverrides": overrides}))
    starter = TaskStarter(world.schedules, world.tasks, JobPolicy)
    starter.run(Attempt("key", JOB, "a1", 2, NOW))
    (request,) = world.tasks.started.values()
    known = [each["name"] for each in request["overrides"]["containerOverrides"] if "environment" in each]
    assert tuple(known) == marked


def started(world: World, policy: JobPolicy, slot: str = "") -> Mapping[str, Any]:
    TaskStarter(world.schedules, world.tasks, lambda job: policy).run(Attempt("key", JOB, "a1", 2, NOW, slot=slot))
    (request,) = world.tasks.started.values()
    return request


def test_the_container_that_the_owner_names_knows_its_attempt() -> None:
    world = World()
    overrides = {"containerOverrides": [{"name": "proxy", "command": ["serve"]}]}
    world.schedules.schedules[JOB] = schedule(2, target_input=json.dumps(overrides))
    request = started(world, JobPolicy(JOB, container="web"))
    marked = {each["name"]: each.get("environment") for each in request["overrides"]["containerOverrides"]}
    assert {"name": "CRONMEND_ATTEMPT", "value": "2"} in marked["web"]
    assert marked["proxy"] is None


@pytest.mark.parametrize("slot", ["", "2026-05-06T11:00:00Z"])
def test_a_command_gets_the_slot_of_its_attempt_if_that_is_known(slot: str) -> None:
    world = World()
    command = ["export", "--slot=<aws.scheduler.scheduled-time>"]
    overrides = {"containerOverrides": [{"name": "web", "command": command}]}
    world.schedules.schedules[JOB] = schedule(2, target_input=json.dumps(overrides))
    request = started(world, JobPolicy(JOB), slot)
    assert request["overrides"]["containerOverrides"][0]["command"] == ["export", f"--slot={slot}"]
