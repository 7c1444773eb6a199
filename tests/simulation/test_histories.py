"""Histories in which everything breaks: the promises that are kept, whatever the seed."""

import re
import secrets
from datetime import datetime

import pytest

from cronmend.alerting.conversations import Conversation
from cronmend.alerting.members import Member
from simulation.account import at
from simulation.chance import Chance
from simulation.history import History
from simulation.kernel import Kernel
from simulation.lambdas import Lambdas
from simulation.report import play, simulate
from simulation.shrink import shrunk, walk
from simulation.sight import Violation
from simulation.stores import LIFE, Conversations, Expiry
from simulation.weather import KINDS

FIRST = 100
FIXED = 140
FRESH = 60
ONCE_BROKEN = (
    *(3005873, 3006835, 3009624, 4002727, 4006336, 4007644, 9000292, 9004971, 9005945, 9006180, 9210128, 9211577),
    *(9212401, 9212750, 9214538, 9215669, 9216102, 9216520, 9220120, 9220265),
    *(9341333, 9341357, 9350031, 9351969, 145, 780562, 780599, 781043, 781050, 781612),
    *(9000557, 9000866, 9000880, 9001271, 894219, 8906187, 8926222, 777156),
    *(892058, 9300159, 778687, 8000378, 8001499, 133168072, 8010357, 8100355, 8401448, 8301044),
    *(8302295, 8700631, 8700658, 8701440, 8722747, 8780218),
)
"""Seeds whose histories broke a promise, or seemed to. Those that aim kills had other kills then."""


def test_fixed_histories_keep_every_promise() -> None:
    report = simulate(FIRST, FIXED)
    assert report.violations == []
    assert report.counts["healed"] > 10
    assert report.counts["alerted"] > 100
    assert len(report.points.hit) > 200
    document = report.as_json(days=1)
    missed = document["kill_points_missed"]
    assert len(missed) == document["kill_points_total"] - document["kill_points_hit"] > 0
    assert all(re.fullmatch(r"[a-z_]+: (before|after) [a-z]+\.[a-z_]+", each) for each in missed)


def test_without_any_timer_the_reconciler_alone_keeps_the_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "no_timers", 1.0)
    report = simulate(FIRST, 25)
    assert report.violations == []
    assert {function for function, _, _ in report.points.hit} >= {"failure_alert_woken", "rerun_woken"}


def test_a_fresh_history_keeps_the_promises() -> None:
    seed = secrets.randbelow(10**9)
    print(f"cronmend simulate --seed {seed} --histories {FRESH}")  # noqa: T201 # pytest shows it with a failure
    assert simulate(seed, FRESH).violations == []


DAY = 86400.0
WEEKS = 12
"""Days after which records have expired, and DynamoDB has deleted them."""
AIMED = 7
"""The seed of a history whose kills all aim at first calls."""
MUTED = 725
"""The seed of a history with a job that fails once, and is muted for longer than records are kept."""


def test_promises_outlive_the_records() -> None:
    """Jobs that fail once and stay broken, mutes of ten days, reminders: with the shortest ``RecordDays``."""
    assert simulate(FIRST, 8, days=WEEKS).violations == []


def test_an_item_that_expires_is_deleted_later_unless_it_is_written_again() -> None:
    kernel = Kernel(0.0, 40 * DAY)
    expiry, deleted = Expiry(kernel, Chance(1)), list[str]()

    def keep(name: str, days: int) -> None:
        expiry.at(name, at(days * DAY), lambda: deleted.append(f"{name} on day {kernel.now // DAY:.0f}"))

    keep("once", 7)
    keep("again", 7)
    kernel.at(6 * DAY, lambda: keep("again", 13))
    kernel.run()
    assert [each.split()[0] for each in deleted] == ["once", "again"]
    assert all(day in {"7", "8", "13", "14"} for day in (each.split()[-1] for each in deleted))


def test_a_conversation_that_expired_with_the_records_would_lose_what_a_mute_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which is why it is kept for 400 days."""
    opens = Conversations.open

    def expiring(
        self: Conversations, conversation: Conversation, member: Member, now: datetime, most: int | None = None
    ) -> Conversation | None:
        opened = opens(self, conversation, member, now, most)
        self.expiry.at(conversation.id, now + LIFE, lambda: self.rows.pop(conversation.id, None))
        return opened

    monkeypatch.setattr(Conversations, "open", expiring)
    assert {each.invariant for _, each in simulate(MUTED, 1, days=WEEKS).violations} == {1}


def test_no_promise_depends_on_a_deploy_event(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver = Lambdas.deliver

    def lossy(self: Lambdas, function: str, key: str, event: object, *, delay: float = 0.5) -> bool:
        return function != "deploy_state" and deliver(self, function, key, event, delay=delay)

    monkeypatch.setattr(Lambdas, "deliver", lossy)
    assert simulate(FIRST, 30).violations == []


def test_a_history_that_broke_a_promise_keeps_it() -> None:
    assert play(ONCE_BROKEN, days=1).violations == ()


@pytest.mark.parametrize("seed", [3, AIMED, 54])
def test_a_seed_repeats_its_history(seed: int) -> None:
    assert walk(History(seed).run()) == walk(History(seed).run())


def test_what_is_left_out_changes_nothing_else() -> None:
    outcome = History(AIMED).run()
    kept = History(AIMED, dropped=frozenset({"no such event"})).run()
    assert walk(outcome) == walk(kept)


def test_an_aimed_kill_that_is_left_out_changes_no_other() -> None:
    outcome = History(AIMED).run()
    kills = [name for name in outcome.happened if name.startswith("kill/")]
    less = History(AIMED, dropped=frozenset({kills[-1]})).run()
    assert [name for name in less.happened if name.startswith("kill/")] == kills[:-1] != []
    changed = next(one for one, other in zip(walk(outcome), walk(less), strict=False) if one != other)
    assert f"killed: function {kills[-1].split('/')[1]}" in changed


def test_a_longer_history_has_more_events() -> None:
    assert play((5,), days=2).events > play((5,), days=1).events


def test_a_violation_is_shown_with_the_smallest_history() -> None:
    """A run that fails and of which nobody hears, since no channel takes a message."""
    outcome = History(11).run()
    entry = next(each for each in outcome.entries if each["what"] == "stopped")
    violation = Violation(1, "made up", entry["job"], entry["at"], "")
    assert shrunk(outcome, violation, days=1).outcome == outcome
