"""The policies of jobs: the content of ``jobs.json``, which ``cronmend jobs build`` writes from jobs.toml."""

import json
from collections.abc import Mapping
from copy import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict

from cronmend.errors import Permanent
from cronmend.model import CatchUp, Follow, OnOverdue, Policy
from cronmend.model.expected_logs import ExpectedLog, NumberInLog, Silence
from cronmend.model.findings import OnFinding
from cronmend.model.slos import Slo

PATH = Path(__file__).with_name("jobs.json")
VERSION = 2


class JobPolicy(Struct, frozen=True):
    """The settings of one job. The defaults are for a job that no file mentions: code that ran is never re-run."""

    job: str = ""
    """``<group>/<schedule name>``."""
    rerun: Policy = Policy.UNSTARTED
    attempts: int = 3
    """The most re-runs in one incident."""
    max_runtime: timedelta | None = None
    """A run that takes longer is overdue; None to learn a limit from earlier runs."""
    on_overdue: OnOverdue = OnOverdue.ALERT
    """What Cronmend does about a run that takes longer than ``max_runtime``."""
    silent_after: timedelta | None = None
    """A run that writes nothing to its log for longer is overdue; None if it may be silent."""
    deadline: timedelta = timedelta(hours=1)
    """The longest time to hold an alert while waiting for a re-run to succeed."""
    grace: timedelta | None = None
    """How long after its slot a run may start before the slot counts as missed; None to learn it from earlier runs."""
    catch_up: CatchUp = CatchUp.NONE
    """What Cronmend does about a missed slot besides its alert."""
    stale_after: timedelta = timedelta(hours=24)
    """How long after its slot a re-run may start."""
    memory_step: bool = False
    """Whether a run that ran out of memory is repeated once with the next larger size."""
    must_contain: tuple[str, ...] = ()
    """Patterns that the log of each run that exits with 0 must contain."""
    must_not_contain: tuple[str, ...] = ()
    number: NumberInLog | None = None
    silence: Silence | None = None
    """Whether a run may write nothing."""
    slo: Slo | None = None
    """The share of its runs that should be good; None if its owner sets none."""
    on_finding: OnFinding = OnFinding.NOTE
    """How people are told of a finding about the job."""
    alert: str = "default"
    """The route that alerts take."""
    severity: str = "error"
    owner: str = ""
    runbook: str = ""
    hold_in_deploys: bool = False
    """Whether the schedule is disabled during a deploy."""
    follow: Follow = Follow.NONE
    """Whether the schedule is moved to the revision that the service runs."""
    container: str = ""
    """The container that is the job; ``""`` to detect it from the run."""
    managed: bool = True
    """False if the schedule is defined elsewhere and jobs.toml has only its policy."""

    @property
    def expected_log(self) -> ExpectedLog:
        return ExpectedLog(self.must_contain, self.must_not_contain, self.number, self.silence)


class Policies(Struct, frozen=True):
    jobs: Mapping[str, JobPolicy] = field(default_factory=dict)
    defaults: JobPolicy = field(default_factory=JobPolicy)
    """The stack's, for a job that isn't in jobs.toml. Not in ``jobs.json``: [defaults] applies only to its own file."""

    def of(self, job: str) -> JobPolicy:
        """The policy of a job; the defaults if it isn't in jobs.toml."""
        return self.jobs.get(job) or replace(self.defaults, job=job)


def read(text: str) -> Policies:
    """The policies that ``jobs.json`` holds.

    Raises:
        Permanent: it is not in the form that ``cronmend jobs build`` writes; the message says where.
    """
    try:
        content = json.loads(text)
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']}, expected {VERSION}")
        return Policies({job: _policy(job, values) for job, values in content["jobs"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Permanent(
            f"jobs.json: {error}; write it again with `cronmend jobs build` or `cronmend jobs publish`"
        ) from error


def packaged() -> Policies:
    """Those of the package, or of this project."""
    return read(PATH.read_text(encoding="utf-8"))


def write(policies: Policies) -> str:
    """The text that :func:`read` parses, with every job's policy in full. Equal policies give equal bytes."""
    content = {
        "version": VERSION,
        "jobs": {job: _values(policy) for job, policy in sorted(policies.jobs.items())},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _values(policy: JobPolicy) -> dict[str, object]:
    """Durations in seconds."""
    return {name: _plain(value) for name, value in asdict(policy).items() if name != "job"}


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, Slo):
        return str(value)
    return asdict(value) if isinstance(value, NumberInLog) else value


def _policy(job: str, values: Mapping[str, Any]) -> JobPolicy:
    if unknown := sorted(set(values) - set(JobPolicy.__struct_fields__)):
        raise ValueError(f"{job}: unknown {', '.join(unknown)}")
    durations = {
        name: timedelta(seconds=values[name])
        for name in ("max_runtime", "silent_after", "deadline", "grace", "stale_after")
        if values.get(name) is not None
    }
    words = {
        "rerun": Policy(values.get("rerun", Policy.UNSTARTED)),
        "catch_up": CatchUp(values.get("catch_up", CatchUp.NONE)),
        "follow": Follow(values.get("follow", Follow.NONE)),
        "on_overdue": OnOverdue(values.get("on_overdue", OnOverdue.ALERT)),
        "silence": Silence(silence) if (silence := values.get("silence")) else None,
        "number": NumberInLog(**number) if (number := values.get("number")) else None,
        "must_contain": tuple(values.get("must_contain", ())),
        "must_not_contain": tuple(values.get("must_not_contain", ())),
        "slo": Slo.read(slo) if (slo := values.get("slo")) else None,
        "on_finding": OnFinding(values.get("on_finding", OnFinding.NOTE)),
    }
    return JobPolicy(**{**values, **durations, **words, "job": job})
