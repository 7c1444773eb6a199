"""What the board is made of: everything that one read of the ledger gives."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from cronmend.deploys import DeployNote
from cronmend.deploys.holds import Hold
from cronmend.jobs.policies import Policies
from cronmend.model.incident import JobState
from cronmend.model.mutes import Mute
from cronmend.model.timetables import Timetable


class Facts(Struct, frozen=True):
    now: datetime
    place: str
    """Which account and Region it is, as the reader knows them."""
    timetables: Sequence[Timetable] = ()
    states: Mapping[str, JobState] = field(default_factory=dict)
    """By job. A job with an open incident may have no timetable: its schedule is gone, or has never been checked."""
    mutes: Sequence[Mute] = ()
    holds: Sequence[Hold] = ()
    deploys: Sequence[DeployNote] = ()
    policies: Policies = field(default_factory=Policies)
    """Those of the jobs in jobs.toml: their owners and SLOs."""
    running: Mapping[str, datetime] = field(default_factory=dict)
    """By job: since when its latest run has been running, as far as ECS was asked."""
