"""The incident of the origin story: new code on the old schema."""

from dataclasses import replace
from datetime import datetime

from cronmend.model import Category, History, LogPlace, Signal, WindowState
from cronmend.model.incident import Incident, IncidentState
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB

LINE = "django.db.utils.ProgrammingError: column home_page.summary does not exist"
GOOD: datetime = later(-60)
BROKEN = Incident(
    id="a1",
    job=JOB,
    cluster_arn=CLUSTER,
    family="webapp",
    began_at=NOW,
    state=IncidentState.ALERTED,
    category=Category.SCHEMA_MISMATCH,
    rule="python.undefined-column",
    sentence=f"The code and the database schema don't match: {LINE}",
    signal=Signal.REVISION,
    advice="Run the migration.",
    line=LINE,
    excerpt=("Traceback (most recent call last):", LINE),
    bound=3,
    failed_at=NOW,
    ended_at=later(0.2),
    seconds=12,
    task_id="a1",
    task_definition="webapp:57",
    slot="2026-05-06T11:00:00Z",
    image="registry/webapp:57",
    image_digest="sha256:bbbbbbbbbbbbbbbbbbbb",
    container="web",
    window=WindowState.CLOSED,
    window_reason="service web runs the same revision",
    log=LogPlace("/ecs/app prod", "web/web/a1", "eu-west-1"),
    last_good=History(GOOD, 56, "sha256:aaaaaaaaaaaaaaaaaaaa", (170, 180, 190)),
)
RACE = replace(
    BROKEN,
    category=Category.DEPLOY_RACE,
    window=WindowState.OPEN,
    sentence=f"{BROKEN.sentence}. The deploy explains it: service web still runs webapp:56",
)
