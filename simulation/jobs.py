"""The jobs of a history: schedules, policies and slots of all kinds. Slots are found by walking the clock."""

from collections.abc import Iterator, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronmend.jobs.policies import JobPolicy
from cronmend.model import CatchUp, OnOverdue, Policy
from cronmend.model.expected_logs import NumberInLog, Silence
from simulation import causes
from simulation.causes import Cause
from simulation.chance import Chance

GROUP = "cronmend-jobs"
FAMILIES = ("webapp", "tools")
ZONES = ("UTC", "Europe/London", "America/New_York")
HOUR = 3600.0
WEEK = 7
"""Days. In a longer history some jobs run only once, and records expire while they are broken or muted."""
AFTER = 5
"""Hours after the last day in which the jobs go on, while Cronmend finishes what is left."""
UNMET: Mapping[str, tuple[Cause, ...]] = {
    "": (),
    "must_contain": (causes.IDLE, causes.EMPTY),
    "must_not_contain": (causes.IDLE,),
    "number": (causes.IDLE, causes.EMPTY),
    "silence": (causes.EMPTY,),
}
"""What a job's owner may expect of its log, and the runs that exit with 0 without meeting it."""


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    """``<group>/<schedule name>``, or ``events-rule/<rule>``."""
    expression: str
    timezone: str
    slots: tuple[float, ...]
    flexible: float
    """Seconds."""
    family: str
    command: tuple[str, ...]
    policy: JobPolicy
    count: int
    """Tasks that each slot starts."""
    declares: str
    """The ID that the schedule passes to the run, with its slot; ``""`` if it passes none. It may be a copied one."""
    seconds: float
    """How long a run usually takes."""
    spot: bool
    """Whether it runs on a strategy of two capacity providers."""
    is_rare: bool
    """Whether it runs once in the history, and has a bug in every other revision."""
    expects: str = ""
    """A key of :data:`UNMET`."""
    dead_letters: bool = True
    """Whether its schedule has a dead-letter queue."""

    @property
    def is_rule(self) -> bool:
        return self.name.startswith("events-rule/")

    @property
    def short(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    @property
    def work(self) -> str:
        """Equal for jobs whose runs look alike; ``""`` if its runs name it."""
        return "" if self.declares == self.name else " ".join((self.short[:19], self.family, *self.command))


def jobs(chance: Chance, start: float, days: int) -> list[Job]:
    count = 1 + int(chance.number("jobs") ** 2 * 7)
    found = [_job(chance, f"job/{number}", number, start, days) for number in range(count)]
    return [job for number, job in enumerate(found) if chance.keeps(f"job/{number}")]


def _job(chance: Chance, name: str, number: int, start: float, days: int) -> Job:
    rare = days > WEEK and chance.likely(0.3, f"{name}/rare")
    rule = chance.likely(0.15, f"{name}/rule")
    twin = not rule and chance.likely(0.12, f"{name}/twin")
    short = f"nightly-report-of-all-{number}" if twin else f"job-{number}"
    own = f"events-rule/{short}" if rule else f"{GROUP}/{short}"
    expression, zone, slots = _schedule(chance, name, start, days, rule=rule)
    if rare:
        expression, slots = _once(chance, name, start, zone)
    flexible = chance.one((0, 0, 0, 300.0, 900.0), f"{name}/flexible") if not rule else 0.0
    expects = chance.one(tuple(UNMET), f"{name}/expects") if chance.likely(0.25, f"{name}/expecting") else ""
    return Job(
        name=own,
        expression=expression,
        timezone=zone,
        slots=slots,
        flexible=flexible,
        family=chance.one(("webapp", "webapp", "webapp", "tools"), f"{name}/family"),
        command=("python", "manage.py", "report" if twin else f"job_{number}"),
        policy=_expecting(expects, _policy(chance, name, own)),
        count=2 if chance.likely(0.06, f"{name}/count") else 1,
        declares="" if rule or twin else _declared(chance, name, own),
        seconds=chance.one((20.0, 60.0, 240.0, 900.0), f"{name}/seconds"),
        spot=chance.likely(0.2, f"{name}/spot"),
        is_rare=rare,
        expects=expects,
        dead_letters=chance.likely(0.8, f"{name}/dead_letters"),
    )


def _declared(chance: Chance, name: str, own: str) -> str:
    if chance.likely(0.05, f"{name}/copied"):
        return f"{GROUP}/job-0"
    return own if chance.likely(0.7, f"{name}/declares") else ""


def _policy(chance: Chance, name: str, job: str) -> JobPolicy:
    return JobPolicy(
        job,
        rerun=chance.one((Policy.SAFE, Policy.SAFE, Policy.SAFE, Policy.UNSTARTED, Policy.NEVER), f"{name}/policy"),
        attempts=chance.one((3, 3, 1, 0), f"{name}/attempts"),
        deadline=timedelta(minutes=chance.one((60, 60, 20), f"{name}/deadline")),
        stale_after=timedelta(hours=chance.one((24.0, 24.0, 2.0, 0.25), f"{name}/stale")),
        hold_in_deploys=chance.likely(0.4, f"{name}/hold"),
        grace=timedelta(minutes=chance.one((5, 5, 15), f"{name}/grace")),
        max_runtime=chance.one((None, *map(_minutes, (30, 60, 180))), f"{name}/longest"),
        on_overdue=chance.one((OnOverdue.ALERT, OnOverdue.STOP), f"{name}/on_overdue"),
        catch_up=chance.one((CatchUp.NONE, CatchUp.NONE, CatchUp.ONCE), f"{name}/catch_up"),
        silent_after=chance.one((None, None, None, *map(_minutes, (10, 45))), f"{name}/silent_after"),
    )


def _expecting(expects: str, policy: JobPolicy) -> JobPolicy:
    match expects:
        case "must_contain":
            return replace(policy, must_contain=("published [1-9]",))
        case "must_not_contain":
            return replace(policy, must_not_contain=(r"\b0 pages",))
        case "number":
            return replace(policy, number=NumberInLog(r"published (\d+) pages", min=1.0))
        case "silence":
            return replace(policy, silence=Silence.FAILS)
    return policy


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def _schedule(chance: Chance, name: str, start: float, days: int, *, rule: bool) -> tuple[str, str, tuple[float, ...]]:
    kind = chance.one(("hourly", "hourly", "few", "few", "daily", "daily", "rate", "rate"), f"{name}/kind")
    if chance.likely(0.06, f"{name}/often"):
        kind = "often"
    minute = int(chance.number(f"{name}/minute") * 60)
    zone = "UTC" if rule else chance.one(ZONES, f"{name}/zone")
    if kind in {"rate", "often"}:
        every = chance.one((60, 120), f"{name}/rate") if kind == "rate" else 20
        first = start + chance.between(0, every * 60, f"{name}/phase")
        slots = tuple(first + number * every * 60 for number in range(int((days * 24 + AFTER) * 60 / every)))
        return f"rate({every} minutes)", "UTC", slots
    hours = {"hourly": range(24), "few": range(minute % 6, 24, 6), "daily": (minute % 24,)}[kind]
    words = "*" if kind == "hourly" else ",".join(map(str, hours))
    return f"cron({minute} {words} * * ? *)", zone, tuple(_walk(zone, minute, tuple(hours), start, days))


def _once(chance: Chance, name: str, start: float, zone: str) -> tuple[str, tuple[float, ...]]:
    """Once a month, on the history's second or third day."""
    date = datetime.fromtimestamp(start, UTC) + timedelta(days=1 + chance.likely(0.5, f"{name}/day"))
    hour = int(chance.number(f"{name}/hour") * 24)
    at = date.replace(hour=hour, minute=30, tzinfo=ZoneInfo(zone))
    return f"cron(30 {hour} {date.day} * ? *)", (at.timestamp(),)


def _walk(zone: str, minute: int, hours: tuple[int, ...], start: float, days: int) -> Iterator[float]:
    """A time that the clocks skip is left out; one that occurs twice counts once."""
    clock = ZoneInfo(zone)
    first = datetime.fromtimestamp(start, UTC)
    for day in range(-1, days + 2):
        for hour in hours:
            date = (first + timedelta(days=day)).replace(hour=0, tzinfo=None)
            local = date.replace(hour=hour, minute=minute)
            at = local.replace(tzinfo=clock).astimezone(UTC)
            exists = at.astimezone(clock).replace(tzinfo=None) == local
            if exists and start <= at.timestamp() < start + (days * 24 + AFTER) * HOUR:
                yield at.timestamp()
