"""botocore's enums that Cronmend reads: fails, and names it, when AWS has added a value.

Update the code named in ``read_by`` first, then the values here. An enum that Cronmend only passes on isn't listed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from cronmend.model.runs import STOP_CODES
from tests import ROOT


@dataclass(frozen=True)
class Read:
    service: str
    enum: str
    known: frozenset[str]
    read_by: str
    """A file that depends on the values, and how a value that it doesn't know is treated."""

    @property
    def file(self) -> Path:
        return ROOT / "functions/cronmend" / self.read_by.split(":")[0]


def values(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SWITCH = values("ENABLED DISABLED")
_LAUNCH = values("EC2 FARGATE EXTERNAL")
_TARGET = "jobs/run_task_request.py: passed on to RunTask unchanged"
READ = (
    Read(
        "ecs", "TaskStopCode", STOP_CODES - {""}, "diagnosis/stop_fields.py: an unknown one is named, and is no success"
    ),
    Read(
        "ecs",
        "LaunchType",
        _LAUNCH | {"MANAGED_INSTANCES"},
        "jobs/manual_command.py: only FARGATE gets placeholders for the network",
    ),
    Read(
        "ecs",
        "CapacityProviderType",
        values("EC2_AUTOSCALING MANAGED_INSTANCES FARGATE FARGATE_SPOT"),
        "jobs/refusal.py: a provider with SPOT in its name is left out first",
    ),
    Read("ecs", "TaskDefinitionStatus", values("ACTIVE INACTIVE DELETE_IN_PROGRESS"), "adapters/ecs.py: not read"),
    Read(
        "ecs",
        "DesiredStatus",
        values("RUNNING PENDING STOPPED"),
        "adapters/ecs.py: ListTasks lists tasks that ECS wants to run",
    ),
    Read(
        "ecs",
        "LogDriver",
        values("json-file syslog journald gelf fluentd awslogs splunk awsfirelens"),
        "adapters/ecs.py: any but awslogs is a log that can't be read",
    ),
    Read(
        "ecs",
        "DeploymentRolloutState",
        values("COMPLETED FAILED IN_PROGRESS"),
        "adapters/ecs_services.py: the state of a service's deployment",
    ),
    Read(
        "ecs",
        "ServiceDeploymentStatus",
        values(
            "PENDING SUCCESSFUL STOPPED STOP_REQUESTED IN_PROGRESS"
            " ROLLBACK_REQUESTED ROLLBACK_IN_PROGRESS ROLLBACK_SUCCESSFUL ROLLBACK_FAILED"
        ),
        "adapters/ecs_services.py: whether a deployment is in progress or was rolled back",
    ),
    Read(
        "ecs",
        "DeploymentControllerType",
        values("ECS CODE_DEPLOY EXTERNAL"),
        "adapters/ecs_services.py: where a service's deployments are",
    ),
    Read(
        "ecs",
        "DeploymentStrategy",
        values("ROLLING BLUE_GREEN LINEAR CANARY"),
        "adapters/ecs_services.py: when new code serves",
    ),
    Read(
        "ecs",
        "ServiceDeploymentLifecycleStage",
        values(
            "RECONCILE_SERVICE PRE_SCALE_UP SCALE_UP POST_SCALE_UP TEST_TRAFFIC_SHIFT POST_TEST_TRAFFIC_SHIFT"
            " PRODUCTION_TRAFFIC_SHIFT POST_PRODUCTION_TRAFFIC_SHIFT BAKE_TIME CLEAN_UP"
        ),
        "adapters/ecs_services.py: when new code serves",
    ),
    Read(
        "ecs",
        "DeploymentLifecycleHookStatus",
        values("AWAITING_ACTION IN_PROGRESS SUCCEEDED FAILED TIMED_OUT"),
        "adapters/ecs_services.py: whether a deployment waits for an approval",
    ),
    Read("scheduler", "ScheduleState", _SWITCH, "adapters/schedules.py: any but DISABLED is enabled"),
    Read("scheduler", "FlexibleTimeWindowMode", values("OFF FLEXIBLE"), "adapters/schedules.py: the window's minutes"),
    Read("scheduler", "ActionAfterCompletion", values("NONE DELETE"), "adapters/timers.py: timers delete themselves"),
    Read("scheduler", "ScheduleGroupState", values("ACTIVE DELETING"), "adapters/schedules.py: not read"),
    Read("scheduler", "LaunchType", _LAUNCH, _TARGET),
    Read("scheduler", "AssignPublicIp", _SWITCH, _TARGET),
    Read("scheduler", "PropagateTags", values("TASK_DEFINITION"), _TARGET),
    Read("scheduler", "PlacementConstraintType", values("distinctInstance memberOf"), _TARGET),
    Read("scheduler", "PlacementStrategyType", values("random spread binpack"), _TARGET),
    Read(
        "events",
        "RuleState",
        _SWITCH | {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"},
        "adapters/event_rules.py: any but DISABLED is enabled",
    ),
    Read("events", "LaunchType", _LAUNCH, _TARGET),
    Read("events", "AssignPublicIp", _SWITCH, _TARGET),
    Read("events", "PropagateTags", values("TASK_DEFINITION"), _TARGET),
    Read("events", "PlacementConstraintType", values("distinctInstance memberOf"), _TARGET),
    Read("events", "PlacementStrategyType", values("random spread binpack"), _TARGET),
)


@pytest.mark.parametrize("read", READ, ids=lambda read: f"{read.service}.{read.enum}")
def test_aws_has_added_no_value_to_an_enum_that_cronmend_reads(read: Read) -> None:
    shape: Any = get_session().get_service_model(read.service).shape_for(read.enum)
    now = frozenset(shape.enum)
    added, gone = sorted(now - read.known), sorted(read.known - now)
    assert not added, f"{read.service}'s {read.enum} now has {', '.join(added)}: see {read.read_by}"
    assert not gone, f"{read.service}'s {read.enum} no longer has {', '.join(gone)}: see {read.read_by}"
    assert read.file.exists()


@pytest.mark.parametrize("service", ["scheduler", "events"])
def test_every_enum_of_a_schedules_target_is_listed(service: str) -> None:
    """A new enum in what Cronmend reads whole, a schedule or a rule's ECS target, needs a row."""
    model = get_session().get_service_model(service)
    roots = {"scheduler": ("GetScheduleOutput",), "events": ("DescribeRuleResponse", "EcsParameters")}[service]
    found: set[str] = set()

    def walk(name: str) -> None:
        shape = model.shape_for(name)
        if getattr(shape, "enum", None):
            found.add(shape.name)
        for member in [*getattr(shape, "members", {}).values(), getattr(shape, "member", None)]:
            if member is not None:
                walk(member.name)

    for root in roots:
        walk(root)
    assert found - {read.enum for read in READ if read.service == service} == set()
