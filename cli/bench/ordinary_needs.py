"""Roles, secrets and certificates as they come and go in ordinary life, and the memory of ordinary days."""

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronmend.jobs.needs import Needed
from cronmend.model.memory_use import MemoryOfDay
from cronmend.model.needs import GONE, Described, Need, NeedKind

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LIMIT = 512.0
"""MiB."""
_ECS = "ecs-tasks.amazonaws.com"
_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": _ECS}, "Action": "sts:AssumeRole"}]}
FOR_OTHERS = Described(trust={"Statement": [{"Effect": "Deny", "Principal": {"Service": _ECS}}]})
IN_DELETION = Described(is_deleted=True)
_FINE = Described(trust=_TRUST)
_WEEKEND, _MONTH_END = 0.8, 1.15
"""Times the usual memory."""
_SPREAD = 0.04
"""The standard deviation of the logarithm of a day's memory."""
_DEPLOYS = 0.07
"""The chance that a day's deploy changes the usual memory, by up to a tenth."""

ROLE = Needed(Need(NeedKind.ROLE, "webapp"), "Its task role webapp", _ECS)
SECRET = Needed(Need(NeedKind.SECRET, "db"), "The secret db")
PARAMETER = Needed(Need(NeedKind.PARAMETER, "/app/token"), "The parameter /app/token")
IMAGE = Needed(Need(NeedKind.IMAGE, "webapp:prod"), "The image webapp:prod")
CERTIFICATE = Needed(Need(NeedKind.CERTIFICATE, "1"), "The certificate 1", at_start=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which something can't be used."""

    start: datetime
    end: datetime
    what: Described


@dataclass(frozen=True, slots=True)
class Life:
    """What AWS says of one need at each time."""

    needed: Needed
    gaps: Sequence[Gap] = ()
    renewals: Sequence[tuple[datetime, datetime]] = ()
    """When it got each value, and when that expires; empty if it never does."""

    def at(self, now: datetime) -> Described:
        if gap := next((each for each in self.gaps if each.start <= now < each.end), None):
            return gap.what
        if not self.renewals:
            return _FINE
        set_at, ends_at = self.renewals[bisect_right(self.renewals, now, key=lambda each: each[0]) - 1]
        return Described(set_at=set_at, ends_at=ends_at)


def ordinary(days: int, chance: random.Random) -> tuple[Life, ...]:
    """A role, a secret and an image that are replaced now and then, and what is renewed in time."""
    return (
        Life(ROLE, tuple(_gaps(days, chance, 20, (2, 8), GONE))),
        Life(SECRET, tuple(_gaps(days, chance, 60, (5, 40), IN_DELETION))),
        Life(IMAGE, tuple(_gaps(days, chance, 30, (1, 5), GONE))),
        Life(PARAMETER, renewals=tuple(_renewals(days, chance, 30, (0.5, 0.95)))),
        Life(CERTIFICATE, renewals=tuple(_renewals(days, chance, 90, (0.4, 0.9)))),
    )


def _gaps(
    days: int, chance: random.Random, every: float, minutes: tuple[float, float], what: Described
) -> Iterator[Gap]:
    """A tool deletes it and makes it again, or a person takes back a mistake; ``every`` so many days on average."""
    at = START + chance.expovariate(1 / every) * DAY
    while at < START + days * DAY:
        yield Gap(at, at + chance.uniform(*minutes) * MINUTE, what)
        at += chance.expovariate(1 / every) * DAY


def _renewals(
    days: int, chance: random.Random, life: int, when: tuple[float, float]
) -> Iterator[tuple[datetime, datetime]]:
    """Each value is renewed after such a share of its life, in days."""
    at = START - chance.uniform(0, when[0]) * life * DAY
    while at < START + days * DAY:
        yield at, at + life * DAY
        at += chance.uniform(*when) * life * DAY


def memory(days: int, chance: random.Random, growth: float = 0.0) -> Iterator[MemoryOfDay]:
    """A load that follows the week and the end of the month, and deploys that change it.

    Args:
        growth: by which share the use grows in a week.
    """
    usual = LIMIT * (0.6 if growth else chance.uniform(0.2, 0.85))
    for number in range(days):
        at = START + number * DAY
        usual *= chance.uniform(0.9, 1.1) if chance.random() < _DEPLOYS else 1.0
        load = _WEEKEND if at.weekday() >= 5 else _MONTH_END if at.day >= 28 else 1.0
        used = usual * load * chance.lognormvariate(0, _SPREAD) * (1 + growth) ** (number / 7)
        yield MemoryOfDay(at, min(used, LIMIT), LIMIT)
