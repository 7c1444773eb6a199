"""The faults of a history: their kinds, and when each service is down."""

from dataclasses import dataclass

from simulation.chance import Chance

SERVICES = ("ledger", "scheduler", "ecs", "logs", "parameters", "queue")
KINDS = {
    "kills": 0.35,
    "aims": 0.5,
    "stalls": 0.35,
    "echoes": 0.3,
    "deaf": 0.3,
    "outages": 0.35,
    "throttles": 0.3,
    "duplicates": 0.4,
    "late": 0.4,
    "lost_events": 0.15,
    "lost_timers": 0.2,
    "no_timers": 0.06,
    "replays": 0.25,
    "slack": 0.3,
    "deleted": 0.15,
    "log_faults": 0.4,
    "capacity": 0.35,
}
"""The kinds of faults, and the share of histories that have each.

kills: functions are killed at any call. aims: they are killed at the first call of a kind (aim.py). echoes: a write is
made, its answer is lost, and the client's own retry meets the first one's effect. deaf: a write is made, and its caller
sees an error. lost_timers: a one-time schedule that never fires. no_timers: none fires, so the reconciler wakes every
function, and kills aim at what is rarely called otherwise. deleted: people delete messages.
"""


@dataclass(frozen=True, slots=True)
class Outage:
    service: str
    start: float
    end: float


class Weather:
    """``rates`` replaces the shares of :data:`KINDS`. Faults end at ``clear``, so that Cronmend can finish what is
    left."""

    def __init__(self, chance: Chance, start: float, clear: float, kinds: frozenset[str] | None = None) -> None:
        self.chance = chance
        self.clear = clear
        drawn = {kind for kind, share in KINDS.items() if chance.happens(share, f"weather/{kind}")}
        if "no_timers" in drawn:
            drawn.add("aims")
        self.kinds = frozenset(drawn if kinds is None else drawn & kinds)
        self.deadly = 0.001 * 20 ** chance.number("weather/deadly")
        """The share of a port's calls before which, and after which, a function is killed."""
        self.outages = tuple(self._outages(start)) if "outages" in self.kinds else ()

    def _outages(self, start: float) -> list[Outage]:
        found = []
        for number in range(3):
            name = f"outage/{number}"
            if self.chance.happens(0.6, name):
                begin = self.chance.between(start, self.clear - 3.4 * 3600, f"{name}/at")
                service = self.chance.one((*SERVICES, "slack", "sns"), f"{name}/service")
                found.append(Outage(service, begin, begin + 20 * 600 ** self.chance.number(f"{name}/long")))
        if "slack" in self.kinds and self.chance.happens(0.5, "outage/slack"):
            begin = self.chance.between(start, self.clear - 3600, "outage/slack/at")
            found.append(
                Outage("slack", begin, min(self.clear, begin + self.chance.between(600, 86400, "outage/long")))
            )
        return found

    def is_away(self, service: str, now: float) -> bool:
        return bool(self.outages) and any(
            each.service == service and each.start <= now < each.end for each in self.outages
        )

    def has(self, kind: str, now: float) -> bool:
        return now < self.clear and kind in self.kinds

    def lost_timers(self, now: float) -> float:
        """The share of one-time schedules that don't fire."""
        return 1.0 if self.has("no_timers", now) else 0.2 if self.has("lost_timers", now) else 0.0
