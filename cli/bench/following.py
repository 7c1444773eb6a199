"""``cronmend bench follow``: play histories with and without ``follow``, and count the deploy races that started."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from cronmend.jobs.identity import RULE
from cronmend.model import Follow
from simulation import causes
from simulation.checks_of_schedules import STARTS_WITHIN
from simulation.deploys import steps
from simulation.history import History
from simulation.jobs import HOUR
from simulation.witness import Entry

_RACES = frozenset({causes.RACE.name, causes.HALF_DONE.name})
"""New code ran before its migration: one that came later, or never."""
_LIMIT = 0.75 * HOUR
"""How long a deploy holds schedules whose pipeline broke off."""


@dataclass(slots=True)
class Figures:
    histories: int = 0
    deploys: int = 0
    races_without: int = 0
    """Runs by schedules that the pipelines move, and that started new code before its migration."""
    races: int = 0
    """The same with ``follow``."""
    old_code_without: int = 0
    """Runs of old code that a migration had broken."""
    old_code: int = 0
    moves: int = 0
    slots: int = 0
    """Runs that the schedules started, with ``follow``."""
    slots_lost: int = 0
    """Runs that they started without it, and not with it, although there was code to run."""
    slots_refused: int = 0
    """The same while there was none: a deploy had deregistered the revision that the service ran, and brought no other
    that the service runs. Pipelines start code that no service has served then, some of which fails."""
    held_too_long: int = 0
    """Schedules that were held until more than 60 s after the deploy's end."""

    @property
    def never_started(self) -> float:
        """The share of the races that don't start with ``follow``."""
        return 1 - self.races / self.races_without if self.races_without else 1.0


def follow(first: int, histories: int, kind: Follow, tick: Callable[[int], None] = lambda _: None) -> Figures:
    """Histories without faults: these would hide what ``follow`` itself changes."""
    found = Figures(histories=histories)
    for number in range(histories):
        without, with_it = (History(first + number, kinds=frozenset(), follow=each) for each in (Follow.NONE, kind))
        _count(found, without, without.run().entries, with_it, with_it.run().entries)
        tick(number + 1)
    return found


def _count(
    found: Figures, history: History, without: Sequence[Entry], followed: History, with_it: Sequence[Entry]
) -> None:
    found.deploys += len(history.deploys)
    found.races_without += _ended(without, _RACES)
    found.races += _ended(with_it, _RACES)
    found.old_code_without += _ended(without, {causes.OLD_CODE.name})
    found.old_code += _ended(with_it, {causes.OLD_CODE.name})
    found.moves += sum(each["what"] == "schedule" and each["by"] == "follow" for each in with_it)
    slots = set(_started(with_it))
    found.slots += len(slots)
    missing = set(_started(without)) - slots
    refused = sum(_had_no_code(followed, with_it, job, slot) for job, slot in missing)
    found.slots_refused += refused
    found.slots_lost += len(missing) - refused
    found.held_too_long += sum(1 for _ in _held_long(followed, with_it))


def _ended(entries: Sequence[Entry], names: set[str] | frozenset[str]) -> int:
    started = {each["task"] for each in _runs(entries)}
    return sum(each["what"] == "stopped" and each["cause"] in names and each["task"] in started for each in entries)


def _started(entries: Sequence[Entry]) -> Iterator[tuple[str, float]]:
    for each in _runs(entries):
        yield each["job"], each["slot"]


def _runs(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Those that a schedule started. The rules of EventBridge follow no service."""
    for each in entries:
        if each["what"] == "started" and each.get("by") == "schedule" and not each["job"].startswith(RULE):
            yield each


def _had_no_code(history: History, entries: Sequence[Entry], job: str, slot: float) -> bool:
    """Whether the schedule's revision was deregistered, and the service hasn't run an active one since."""
    gone = {f"{family}:{revision}": at for (family, revision), at in history.account.deregistered.items()}
    states = [
        each["state"] for each in entries if each["at"] <= slot and (each["what"], each.get("job")) == ("schedule", job)
    ]
    since = gone.get(states[-1]["target"]["TaskDefinitionArn"].rpartition("/")[2], inf) if states[-1] else inf
    if slot + STARTS_WITHIN + history.jobs[job].flexible < since:
        return False
    served = [each for each in entries if each["what"] == "service" and each["at"] < slot]
    ends = [*(each["at"] for each in served[1:]), inf]
    active = (
        min(end, gone.get(f"webapp:{each['revision']}", inf))
        for each, end in zip(served, ends, strict=True)
        if not each["rolling"]
    )
    return all(until <= since for until in active)


def _held_long(history: History, entries: Sequence[Entry]) -> Iterator[float]:
    """When each schedule was held that was enabled again too late."""
    ends = [
        (deploy.start, max(step.at for step in steps(deploy, history.chance))) for deploy in history.deploys.values()
    ]
    held: dict[str, float] = {}
    for each in (entry for entry in entries if entry["what"] == "schedule" and entry["by"] == "cronmend"):
        if not each["state"]["enabled"]:
            held[each["job"]] = each["at"]
        elif (since := held.pop(each["job"], None)) is not None:
            over = [max(end, start + _LIMIT) for start, end in ends if start - 10 <= each["at"]]
            if each["at"] > max(over, default=since) + 60:
                yield since
