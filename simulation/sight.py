"""What the world saw of a history, sorted for the checks. Shares no code with Cronmend; witness.py has the entries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

type Entry = dict[str, Any]

HOUR = 3600.0  # seconds
PERIOD = 300.0  # seconds between two checks; the next one makes up for one that was killed or failed
FAILED = frozenset({"alert", "half_done", "gave_up", "reminder", "escalation", "progress", "group"})
"""Kinds of messages from which people know that a job is broken."""
OVER = frozenset({"healed", "recovered", "over"})  # stages of a message that reports the end
UNSURE = ("ambiguous/", "unattributed/", "undiagnosed/")  # how a run is named whose job isn't certain
READING = 90.0  # seconds between a function's reads and its write: a change in between isn't its fault


@dataclass
class Run:
    task: str
    job: str
    created: float  # of a start that was refused: its slot, which a run that began after it answers
    by: str = "schedule"
    started_by: str = ""
    slot: float | None = None
    incident: str = ""
    target: Entry | None = None
    began: float | None = None  # when its containers started
    stopped: float | None = None
    cause: str = ""
    passes: bool = False
    ran: bool = True
    known: bool = True
    maybe: str = ""  # "deploy" if a deploy may explain the failure, "alone" if there was none; else ""
    delivered: bool = True
    policy: str = ""  # its job's policy when it stopped; "" if it is that of the job's entry
    recorded: float | None = None
    recorded_as: str = ""  # the job of its record: another name than its own if Cronmend couldn't tell
    ok: bool | None = None  # whether its record shows a success
    silent: float | None = None  # when it wrote its last line, although it kept running

    @property
    def failed(self) -> bool:
        return self.stopped is not None and self.cause not in {"success", "cancelled"}

    @property
    def succeeded(self) -> bool:
        return self.stopped is not None and self.cause == "success"

    def is_alive(self, at: float) -> bool:
        return self.by != "refused" and self.created < at and (self.stopped is None or self.stopped > at)


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: int
    kind: str  # equal for violations of one kind, for any job and time
    job: str
    at: float
    text: str


@dataclass
class Sight:
    entries: Sequence[Entry]
    jobs: dict[str, Entry] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    records: dict[str, float] = field(default_factory=dict)
    of_job: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))  # in order of creation
    of_kind: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for entry in self.entries:
            self.of_kind[entry["what"]].append(entry)
            if take := getattr(self, f"_{entry['what']}", None):
                take(entry)
        for runs in self.of_job.values():
            runs.sort(key=lambda run: run.created)

    def _job(self, entry: Entry) -> None:
        self.jobs[entry["job"]] = entry

    def _started(self, entry: Entry) -> None:
        since = entry["slot" if entry["by"] == "refused" else "at"]
        run = Run(entry["task"], entry["job"], since, entry["by"], entry["started_by"], entry.get("slot"))
        run.incident, run.target = entry.get("attempt") or "", entry.get("target")
        self.runs[run.task] = run
        self.of_job[run.job].append(run)

    def _running(self, entry: Entry) -> None:
        self.runs[entry["task"]].began = entry["at"]

    def _silent(self, entry: Entry) -> None:
        self.runs[entry["task"]].silent = entry["at"]

    def _stopped(self, entry: Entry) -> None:
        run = self.runs[entry["task"]]
        run.stopped, run.policy = entry["at"], entry.get("policy", "")
        for name in {"cause", "passes", "ran", "known", "delivered", "maybe"} & entry.keys():
            setattr(run, name, entry[name])

    def _recorded(self, entry: Entry) -> None:
        self.records.setdefault(entry["task"], entry["at"])
        if run := self.runs.get(entry["task"]):
            run.recorded, run.recorded_as, run.ok = entry["at"], entry["job"], entry.get("ok")
            if run.ok and entry.get("blind"):
                run.cause = "success"  # as far as anyone can know
            if run.maybe and any(each["at"] >= (run.stopped or 0.0) for each in self.of_kind["deploy"]):
                run.maybe = "deploy"  # its event came late, and by then the schedule may have had other code

    def means(self, job: str, named: str) -> bool:
        """Whether people who read this name think of the job: it may be one of those that can't be distinguished."""
        kept = self.jobs.get(job, {}).get("kept", job)
        return named == job or (named.startswith(UNSURE) and kept in named)

    def is_about(self, entry: Entry, job: str) -> bool:
        return any(self.means(job, each) for each in entry.get("jobs") or ())

    def reruns(self) -> Iterator[Run]:
        """The runs that Cronmend started, in order."""
        return (run for run in self.runs.values() if run.by == "cronmend")

    def notified(self, job: str, since: float, until: float, channel: str = "") -> float | None:
        """When people were first notified, after ``since``, that the job is broken."""
        said = (each for each in self.of_kind["seen"] if each["kind"] in FAILED and each["stage"] not in OVER)
        mine = (each for each in said if self.is_about(each, job) and channel in ("", each["channel"]))
        return next((float(each["at"]) for each in mine if since < each["at"] <= until), None)

    def undelivered(self, job: str, since: float, channel: str) -> list[float]:
        """When, after ``since``, a message about the job that the channel didn't take was left for a person."""
        its = (each for each in self.of_kind["undelivered"] if each.get("channel") == channel and each["at"] > since)
        return [each["at"] for each in its if self.is_about(each, job)]

    def over(self, job: str, until: float) -> float:
        """When people were last notified that the job's incident is over; 0 if they never were."""
        endings = (each["at"] for each in self.of_kind["seen"] if each["stage"] in OVER and self.is_about(each, job))
        return max((at for at in endings if at <= until and not self.broken_since(job, at)), default=0.0)

    def broken_since(self, job: str, at: float) -> float:
        """Since when a message reports the job's latest incident; 0 if by ``at`` another one has reported its end: an
        ending that people see then is about an earlier incident."""
        mine = [e for e in self.of_kind["wrote"] if e["job"] == job and e["at"] <= at and e["kind"] in FAILED | OVER]
        last = [each for each in mine if each["incident"] == mine[-1]["incident"]]
        return 0.0 if not last or last[-1]["kind"] in OVER else float(last[0]["at"])

    def muted(self, job: str, by: float) -> float:
        """Until when people had muted the job by then, or quiet hours had; 0 if they hadn't."""
        mutes = (each["until"] for each in self.of_kind["muted"] if each["job"] == job and each["at"] <= by)
        return max(mutes, default=0.0)

    def state(self, job: str, at: float) -> Entry | None:
        """The schedule's state then; None if it was deleted."""
        known = [each["state"] for each in self.of_kind["schedule"] if each["job"] == job and each["at"] <= at]
        return known[-1] if known else {"enabled": True}

    def away(self, since: float, until: float, service: str = "") -> float:
        """For how many seconds a service, or any, was down in this time; each outage counts."""
        downs = (each for each in self.of_kind["outage"] if service in ("", each["service"]))
        return sum(max(0.0, float(min(until, each["end"]) - max(since, each["start"]))) for each in downs)

    def was_asked(self, job: str, at: float, *, force: bool | None = None) -> bool:
        asked = (each for each in self.of_kind["asked"] if each["job"] == job and at - 900 < each["at"] <= at)
        return any(force is None or each["force"] == force for each in asked)


def latest(runs: Iterable[Run]) -> Run | None:
    return max(runs, key=lambda run: run.created, default=None)


def lost(sight: Sight, *functions: str) -> list[float]:
    ended = (*sight.of_kind["failed"], *sight.of_kind["killed"])
    return sorted(each["at"] for each in ended if each["function"].startswith(functions))


def made_up(lost: Sequence[float], since: float, by: float) -> float:
    """By when the checks after the lost ones have done what was due ``by`` then."""
    due, later = 0.0, by
    while due < later:
        due, later = later, by + PERIOD * sum(since < at <= later for at in lost)
    return due


def modes(sight: Sight, since: float, until: float) -> set[str]:
    """The modes that a function may have read in this time."""
    switched = [each for each in sight.of_kind["mode"] if each["at"] <= until]
    before = [each["mode"] for each in switched if each["at"] <= since]
    return {*(before[-1:] or ["heal"]), *(each["mode"] for each in switched if each["at"] > since)}
