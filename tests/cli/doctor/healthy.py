"""What the doctor reads of a stack that works."""

from copy import replace
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from cli.doctor.facts import (
    Alarm,
    Alarms,
    Cluster,
    Deployed,
    Facts,
    Function,
    Permission,
    Rule,
    Scheduled,
    Secret,
    Slack,
    Table,
    Topic,
)
from cronmend.deploys.following import Following
from cronmend.deploys.holds import new_hold
from cronmend.jobs.watched import Starter, Verdict, Watch
from cronmend.model.findings import KnownFindings
from tests.fakes import NOW
from tests.samples import CLUSTER, JOB

WATCHED = Verdict(Starter.SCHEDULE, Watch.FULLY, "It runs in the cluster app-prod, which Cronmend watches.")
HOLD = new_hold(JOB, CLUSTER, "webapp", "v2", NOW, NOW + timedelta(minutes=30))
FOLLOWING = Following(JOB, CLUSTER, "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2")
TRAIL = "RunTaskAnswered"
QUEUE = "cronmend-Schedules-DeadLetterQueue"
RULE = Rule("RunStopped", enabled=True, targets=1, matches=True)
SOURCES = {"cronmend-TaskStateQueue": "Enabled", QUEUE: "Enabled"}
FUNCTION = Function("cronmend-task-state", "Active", "Successful", 12, SOURCES)
ALARM = Alarm("cronmend-RerunErrorsAlarm", "OK", notifies=True, description="See its log for the reason.")

HEALTHY = Facts(
    now=NOW,
    stack=Deployed("UPDATE_COMPLETE", version("cronmend"), {"SlackAllowed": "S045EF6GH", "SlackSecretArn": "arn:s"}),
    rules=[
        RULE,
        *(Rule(name, enabled=False, targets=1, matches=None) for name in ("DeployStateFunctionPipelineRan", TRAIL)),
    ],
    functions=[FUNCTION],
    permissions=[Permission("RerunFunction", "ecs:RunTask", allowed=True)],
    table=Table("ACTIVE", streams=True, indexes=["Promises"], forgets=True),
    alarms=Alarms([ALARM], []),
    topic=Topic(1, []),
    secrets=[Secret("SlackSecretArn", "")],
    slack=Slack("", frozenset({"chat:write", "usergroups:read"})),
    clusters=[Cluster("app-prod", "ACTIVE", 3)],
    scheduled=[Scheduled(JOB, WATCHED, JOB, QUEUE)],
    policies=[JOB],
    published=None,
    dead_letters={"TaskStateDeadLetters": 0},
    holds=[HOLD],
    followings=[FOLLOWING],
    known=KnownFindings(),
    mode="heal",
    circuit_until=None,
)


def facts(**changes: Any) -> Facts:
    return replace(HEALTHY, **changes)
