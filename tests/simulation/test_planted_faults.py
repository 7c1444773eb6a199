"""Faults planted in the code: the simulator finds each within 500 histories, as the promise that it breaks."""

from collections.abc import Callable, Iterator
from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.alerting import findings
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.deploys import following
from cronmend.diagnosis import expected_log
from cronmend.healing import after_run, guards, order, plan, task_sets
from cronmend.healing.guards import Guard
from cronmend.jobs import run_task_request, timetables
from cronmend.jobs.overdue import Limit
from cronmend.jobs.targets import target_of
from cronmend.model import categories
from cronmend.model.categories import Category
from cronmend.model.report import MessageKind
from cronmend.use_cases.alerting import delivery
from cronmend.use_cases.failure_alert import DeliverMessages
from cronmend.use_cases.healing import run_task
from cronmend.use_cases.reconciling import doubts, overdue_runs, silent_runs
from cronmend.use_cases.start_failure import HandleStartFailure
from local.memory import deploys
from local.memory.ledger import MemoryLedger
from simulation import account_ports
from simulation.checker import check
from simulation.history import History

MOST = 500

type Patch = Callable[[pytest.MonkeyPatch], None]


def without(guard: Guard) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        left = tuple(each for each in guards._GUARDS if each[0] is not guard)
        monkeypatch.setattr(guards, "_GUARDS", left)

    return patch


def a_token_of_its_own_for_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(10**9))
    request = run_task.TaskStarter._request

    def other(self: Any, attempt: Any, schedule: Any) -> dict[str, Any]:
        return {**request(self, attempt, schedule), "clientToken": f"{attempt.key}{next(calls)}"}

    monkeypatch.setattr(run_task.TaskStarter, "_request", other)


def an_unknown_cause_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = replace(categories.TRAITS[Category.UNKNOWN], heals=True)
    monkeypatch.setitem(categories.TRAITS, Category.UNKNOWN, unknown)


def tries_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_after_possible_deploy", lambda diagnosis, situation: "")


def any_setting_is_unset_by_a_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every state of the deploy, and once."""
    monkeypatch.setattr(plan, "_after_possible_deploy", lambda diagnosis, situation: "no" * situation.repeats)


def no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    timers = after_run._timers

    def reruns(incident: Any) -> Iterator[Any]:
        yield from (timer for timer in timers(incident) if timer.kind != "release")

    monkeypatch.setattr(after_run, "_timers", reruns)


def the_first_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    request = run_task_request.run_request

    def first(*args: Any) -> dict[str, Any]:
        built = request(*args)
        return {**built, "taskDefinition": f"{built['taskDefinition'].rpartition(':')[0]}:1"}

    monkeypatch.setattr(run_task, "run_request", first)


def secrets_in_excerpts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cronmend.redact.Redactor.__call__", lambda self, text: text)


def holds_that_are_never_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_ports.Switches, "release", lambda self, job, mark: True)


def writes_without_a_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = MemoryLedger.commit

    def blind(self: Any, change: Any, now: Any) -> Any:
        current = replace(change.job_state, version=self.read(change.job_state.job).version)
        return commit(self, replace(change, job_state=current), now)

    monkeypatch.setattr(MemoryLedger, "commit", blind)


def a_success_of_any_age_ends_the_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "follows", lambda later, earlier: True)
    monkeypatch.setattr(task_sets, "with_success", lambda incident, creation, tasks, of_set: None)


def every_failure_counts_as_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "answered", lambda history, failed, tasks: True)


def noted_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = delivery.Deliverer._offer

    def early(self: Any, name: Any, turn: Any, before: Any) -> Any:
        self.outbox.note(turn.message, {name: Delivery(DeliveryState.SENT, turn.now)})
        return offer(self, name, turn, before)

    monkeypatch.setattr(delivery.Deliverer, "_offer", early)


def no_slot_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timetables, "slots_to_check", lambda timetable, grace, now: ())


def ecs_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubts.Doubts, "_listed", lambda self, tasks, schedule: ((), ""))


def refused_starts_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HandleStartFailure, "handle", lambda self, failure, now: None)


def no_run_is_overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue_runs, "overdue", lambda task, limit, now: None)


def overdue_runs_are_never_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue_runs.OverdueRuns, "_stop", lambda self, task, who, late: False)


def a_run_is_overdue_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Limit(timedelta(), "", learned=False)
    monkeypatch.setattr(overdue_runs, "limit_of", lambda policy, durations: limit)


def silence_is_never_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silent_runs, "silent", lambda task, policy, last, now: None)


def every_log_is_as_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected_log, "unmet", lambda expected, log: None)


def errors_in_the_log_of_a_success_count(monkeypatch: pytest.MonkeyPatch) -> None:
    found = expected_log.Unmet("log.must_not_contain", "its log contains an error")
    monkeypatch.setattr(expected_log, "unmet", lambda expected, log: found)


def findings_are_told_every_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "is_to_be_told", lambda known, now: now - known.found_at >= findings.SEEN_FOR)


def findings_are_only_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "is_to_be_told", lambda known, now: False)


def every_schedule_lacks_a_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timetables, "target_of", lambda schedule: replace(target_of(schedule), has_dead_letters=False))


def news_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver = DeliverMessages.deliver

    def selective(self: Any, message: Any, now: Any, *, again: bool = False) -> Any:
        is_news = message.report.kind in {MessageKind.FINDING, MessageKind.NOTE}
        return () if is_news else deliver(self, message, now, again=again)

    monkeypatch.setattr(DeliverMessages, "deliver", selective)


def moves_need_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(live: str, current: Any, wanted: Any, followed: Any, follow: Any) -> following.Move:
        return following.Move(following._renamed(live, wanted), "the service runs it")

    monkeypatch.setattr(following, "_forward", at_once)


def rollbacks_move_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_back", lambda row, live, wanted, followed: following.Wait("it is ahead"))


def a_move_changes_another_field(monkeypatch: pytest.MonkeyPatch) -> None:
    move = account_ports.Switches.move

    def changing(self: Any, job: str, before: str, after: str) -> bool:
        moved = move(self, job, before, after)
        self.account.change(job, "follow", description="")
        return moved

    monkeypatch.setattr(account_ports.Switches, "move", changing)


def moves_are_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploys, "told", lambda row: row)


PLANTED: tuple[tuple[str, Patch, int, str, int], ...] = (
    ("no guard asks for the policy", without(Guard.POLICY), 2, "policy", 0),
    ("each call has a token of its own", a_token_of_its_own_for_each_call, 2, "attempt twice", 180),
    ("no guard asks for active runs", without(Guard.RUNNING), 3, "beside", 22),
    ("no guard asks for the schedule", without(Guard.SCHEDULE), 3, "disabled", 324),
    ("no guard asks for the slot's age", without(Guard.SLOT_AGE), 3, "slot too old", 61),
    ("no guard asks for the next slot", without(Guard.NEXT_SLOT), 3, "slot pending", 367),
    ("job states are written without a condition", writes_without_a_condition, 3, "beside", 57),
    ("no guard counts attempts", without(Guard.ATTEMPTS), 4, "incident", 8),
    ("no guard asks for the mode", without(Guard.MODE), 4, "mode", 80),
    ("an unknown cause passes", an_unknown_cause_that_passes, 5, "unknown", 37),
    ("a deploy explains a failure again and again", tries_without_end, 5, "tried again", 0),
    ("a deploy explains a failure when there is none", any_setting_is_unset_by_a_deploy, 5, "unknown", 0),
    ("a held alert has no deadline", no_deadline, 6, "notified late", 39),
    ("a re-run uses the first revision", the_first_revision, 7, "target", 6),
    ("excerpts keep secrets", secrets_in_excerpts, 8, "secret seen", 0),
    ("a success of any age ends the incident", a_success_of_any_age_ends_the_incident, 9, "false ending", 106),
    ("every failure counts as answered", every_failure_counts_as_answered, 1, "never notified", 0),
    ("a delivery is noted before it is sent", noted_before_it_is_sent, 1, "never notified", 467),
    ("no slot is looked at", no_slot_is_looked_at, 12, "not found", 0),
    ("ECS isn't asked for a slot's run", ecs_is_not_asked, 12, "false alarm", 0),
    ("refused starts are dropped", refused_starts_are_dropped, 12, "start not found", 0),
    ("no run is overdue", no_run_is_overdue, 12, "overdue not found", 0),
    ("overdue runs are never stopped", overdue_runs_are_never_stopped, 12, "not stopped", 0),
    ("a run is overdue at once", a_run_is_overdue_at_once, 12, "not overdue", 0),
    ("a silence is never long enough", silence_is_never_long_enough, 12, "overdue not found", 7),
    ("every log is as expected", every_log_is_as_expected, 5, "wrong record", 7),
    ("errors in the log of a success count", errors_in_the_log_of_a_success_count, 5, "wrong record", 0),
    ("findings are told every hour", findings_are_told_every_hour, 13, "told twice", 62),
    ("findings are only listed", findings_are_only_listed, 13, "not told", 0),
    ("every schedule seems to lack a dead-letter queue", every_schedule_lacks_a_queue, 13, "not true", 0),
    ("findings and notes aren't delivered", news_are_dropped, 13, "not delivered", 0),
    ("a schedule is moved without a proof", moves_need_no_proof, 11, "moved early", 51),
    ("a rollback moves nothing", rollbacks_move_nothing, 11, "left moved", 66),
    ("a move changes another field", a_move_changes_another_field, 11, "not as it was", 22),
    ("moves are told again and again", moves_are_told_again, 11, "moves told", 22),
    ("a hold is never released", holds_that_are_never_released, 11, "not as it was", 0),
)
"""Each with the promise that it breaks, and the seed from which on it is looked for, so that the test is fast."""


def is_broken(seed: int, invariant: int, kind: str) -> bool:
    violations = check(History(seed).run().entries)
    return any(each.invariant == invariant and each.kind.startswith(kind) for each in violations)


@pytest.mark.parametrize(("name", "plant", "invariant", "kind", "first"), PLANTED, ids=[each[0] for each in PLANTED])
def test_a_planted_fault_is_found(
    name: str, plant: Patch, invariant: int, kind: str, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = (*range(first, MOST), *range(first))
    with monkeypatch.context() as planted:
        plant(planted)
        caught = next((seed for seed in seeds if is_broken(seed, invariant, kind)), None)
    assert caught is not None
    assert not is_broken(caught, invariant, kind)
