"""A service deployment, and what each of its statuses and lifecycle stages means for the schema. Pure.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html. A test compares the tables
with botocore's model.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Progress(StrEnum):
    ONGOING = "ongoing"
    DONE = "done"
    STOPPED = "stopped"
    """It ended half way, and nothing takes it back."""
    ROLLED_BACK = "rolled_back"
    """Also while it is being rolled back."""


class Status(Struct, frozen=True):
    progress: Progress
    words: str
    """Follows the name of the deployment."""


STATUSES: Final[Mapping[str, Status]] = {
    "PENDING": Status(Progress.ONGOING, "hasn't started yet"),
    "IN_PROGRESS": Status(Progress.ONGOING, "is in progress"),
    "SUCCESSFUL": Status(Progress.DONE, "ended"),
    "STOP_REQUESTED": Status(Progress.STOPPED, "is being stopped"),
    "STOPPED": Status(Progress.STOPPED, "was stopped"),
    "ROLLBACK_REQUESTED": Status(Progress.ROLLED_BACK, "is being rolled back"),
    "ROLLBACK_IN_PROGRESS": Status(Progress.ROLLED_BACK, "is being rolled back"),
    "ROLLBACK_SUCCESSFUL": Status(Progress.ROLLED_BACK, "was rolled back"),
    "ROLLBACK_FAILED": Status(Progress.ROLLED_BACK, "couldn't be rolled back"),
}
"""SUCCESSFUL doesn't mean that only new code runs: with an early success, old tasks stop later."""


class Stage(Struct, frozen=True):
    serves: bool
    """Whether the new code takes production traffic: its schema must be there by then."""
    words: str
    """A clause about the new code."""


STAGES: Final[Mapping[str, Stage]] = {
    "RECONCILE_SERVICE": Stage(False, "ECS is removing an earlier deployment first"),
    "PRE_SCALE_UP": Stage(False, "no new task has started"),
    "SCALE_UP": Stage(False, "the new tasks are starting"),
    "POST_SCALE_UP": Stage(False, "the new tasks have no traffic yet"),
    "TEST_TRAFFIC_SHIFT": Stage(False, "the new tasks are getting test traffic"),
    "POST_TEST_TRAFFIC_SHIFT": Stage(False, "the new tasks have only test traffic"),
    "PRE_PRODUCTION_TRAFFIC_SHIFT": Stage(False, "the new tasks have only test traffic"),
    "PRODUCTION_TRAFFIC_SHIFT": Stage(False, "the new tasks are getting production traffic"),
    "POST_PRODUCTION_TRAFFIC_SHIFT": Stage(True, "the new tasks have the production traffic"),
    "BAKE_TIME": Stage(True, "the new tasks have the production traffic, and the old ones still run"),
    "CLEAN_UP": Stage(True, "the old tasks are being removed"),
}
"""While production traffic shifts, its weight shows whether the new code has any. Only hooks have the stage
PRE_PRODUCTION_TRAFFIC_SHIFT."""

_UNKNOWN_STATUS = "is in a state that this version of Cronmend doesn't know"
_UNKNOWN_STAGE = Stage(False, "it is in a stage that this version of Cronmend doesn't know")


class Pause(Struct, frozen=True):
    """A hook that waits for ``ContinueServiceDeployment``."""

    until: datetime | None = None
    then: str = "ROLLBACK"
    """What ECS does if no one decides until then: CONTINUE or ROLLBACK."""


class Release(Struct, frozen=True):
    """A service's latest deployment from ``ListServiceDeployments``, the only API that shows rollbacks.

    What follows ``revision_arn`` is only known of one that didn't simply succeed, from ``DescribeServiceDeployments``.
    """

    status: str
    created_at: datetime
    finished_at: datetime | None = None
    revision_arn: str = ""
    """The service revision it deploys; ``DescribeServiceRevisions`` lists its images."""
    stage: str = ""
    """``""`` if ECS doesn't report one."""
    weight: float = 0
    """The new code's share of the production traffic, in percent."""
    moved_at: datetime | None = None
    """When it last changed, of one with stages that may wait: its age doesn't show that it is stuck."""
    pause: Pause | None = None
    """None if it doesn't wait for an approval."""
    alarms: tuple[str, ...] = ()
    """The CloudWatch alarms that have fired during the deployment."""

    @property
    def progress(self) -> Progress:
        """A status that AWS has added since is ongoing: that ends by itself, with another status."""
        known = STATUSES.get(self.status)
        return known.progress if known else Progress.ONGOING

    @property
    def words(self) -> str:
        known = STATUSES.get(self.status)
        return known.words if known else f"{_UNKNOWN_STATUS} ({self.status})"

    @property
    def serves(self) -> bool:
        """Whether the new code takes production traffic already."""
        return self.weight > 0 or (self.stage in STAGES and STAGES[self.stage].serves)

    @property
    def stage_words(self) -> str:
        """The stage as a clause; ``""`` if ECS doesn't report one."""
        if not self.stage:
            return ""
        return f"{self.stage}: {STAGES.get(self.stage, _UNKNOWN_STAGE).words}"
