"""An incident of the main example: new code on the old schema."""

from copy import replace
from datetime import datetime
from typing import Any

from cronmend.model import (
    Category,
    Container,
    DeployWindow,
    Diagnosis,
    History,
    LogPlace,
    Policy,
    Signal,
    TaskDefinitionRef,
    WindowState,
)
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import Incident, IncidentState
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB

LINE = "django.db.utils.ProgrammingError: column home_page.summary does not exist"
GOOD: datetime = later(-60)
DIGEST = "sha256:bbbbbbbbbbbbbbbbbbbb"
BROKEN = Incident(
    id="a1",
    job=JOB,
    cluster_arn=CLUSTER,
    family="webapp",
    began_at=NOW,
    state=IncidentState.ALERTED,
    diagnosis=Diagnosis(
        category=Category.SCHEMA_MISMATCH,
        rule="python.undefined-column",
        sentence=f"The code and the database schema don't match: {LINE}",
        line=LINE,
        excerpt=("Traceback (most recent call last):", LINE),
        advice="Find out why the schema is behind. Fix it, then run `cronmend rerun JOB`.",
        deploy_explains=True,
        window=DeployWindow(WindowState.CLOSED, Signal.REVISION, "service web runs the same revision"),
    ),
    failed=FailedRun(
        task_id="a1",
        task_definition=TaskDefinitionRef("webapp", 57),
        created_at=NOW,
        ended_at=later(0.2),
        seconds=12,
        container=Container("web", 1, image="registry/webapp:57", image_digest=DIGEST),
        log=LogPlace("/ecs/app prod", "web/web/a1", "eu-west-1"),
        last_good=History(GOOD, 56, "sha256:aaaaaaaaaaaaaaaaaaaa", (170, 180, 190)),
        started_by="chronos-schedule/publish-scheduled",
        slot="2026-05-06T11:00:00Z",
    ),
    bound=3,
    no_rerun="without a deploy, a re-run would fail the same way",
    policy=Policy.SAFE,
    slot="2026-05-06T11:00:00Z",
)


def diagnosed(incident: Incident, **changes: Any) -> Incident:
    """The incident with another diagnosis."""
    return replace(incident, diagnosis=replace(incident.diagnosis, **changes))


def after(incident: Incident, **changes: Any) -> Incident:
    """The incident with another failed run."""
    assert incident.failed
    return replace(incident, failed=replace(incident.failed, **changes))


def of_image(incident: Incident, digest: str) -> Incident:
    return after(incident, container=Container("web", image_digest=digest))


RACE = diagnosed(
    BROKEN,
    category=Category.DEPLOY_RACE,
    window=DeployWindow(WindowState.OPEN, Signal.REVISION, "service web still runs webapp:56"),
)
