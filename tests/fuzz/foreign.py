"""Valid forms of what Cronmend reads from others, from which the fuzzed ones are made."""

import json
from collections.abc import Sequence
from typing import Any

from cronmend.incoming import slack_requests
from tests.cli.diagnosis.test_classify import event
from tests.clicks import request
from tests.fakes import NOW
from tests.samples import EVENTS, RACE_LOG
from tests.samples import schedule as live


def samples(*folders: str) -> Sequence[Any]:
    """The sample events of these folders."""
    files = [path for folder in folders for path in sorted((EVENTS / folder).glob("*.json"))]
    return [json.loads(path.read_text("utf-8")) for path in files]


TIMERS = [each for each in samples("rerun") if each.get("kind") != "manual"]
ALERT_TIMERS = [
    {"form": 1, "kind": "deliver", "job": "g/a", "incident": "i", "change": "c", "at": NOW.isoformat()},
    {"form": 1, "kind": "flush", "job": "g/a", "conversation": "c", "at": NOW.isoformat()},
    {"form": 1, "kind": "redrive", "job": "g/a", "incident": "i", "change": "c"},
    {"kind": "escalate", "job": "g/a", "incident": "i", "what": "r/c", "look": 1, "at": NOW.isoformat()},
]
_CLICK = slack_requests.click(slack_requests.signed(request()))
CLICKS = [slack_requests.click_payload(_CLICK)] if _CLICK else []
DEAD_LETTERS: Sequence[Any] = [
    {"job": "g/a", "incident": "i", "change": "c", "channel": "sns", "reason": "x"},
    {"requestPayload": {"kind": "canary"}},
    {"DDBStreamBatchInfo": {f"approximateArrivalOf{one}Record": NOW.isoformat() for one in ("First", "Last")}},
    *ALERT_TIMERS,
]
EXPRESSIONS = [
    "cron(0 11 6 5 ? 2026)",
    "cron(*/5 8-18 ? JAN-DEC MON#2 *)",
    "rate(5 minutes)",
    "at(2026-05-06T11:15:00)",
]
TARGET_INPUTS = [json.loads(live().target_input)]
_LOG = {"awslogs-group": "/ecs/a", "awslogs-stream-prefix": "web", "awslogs-region": "eu-west-2"}
_CONTAINER = {"name": "web", "command": ["a"], "logConfiguration": {"logDriver": "awslogs", "options": _LOG}}
TASK_DEFINITIONS: Sequence[Any] = [
    {"family": "webapp", "revision": 2, "registeredAt": NOW, "containerDefinitions": [_CONTAINER, {"name": "other"}]}
]
_TRACEBACK = 'Traceback (most recent call last):\n  File "a", line 1\nValueError: x'
JSON_LINES = [
    {"level": "error", "message": "x", "error": {"type": "E", "message": "m", "stack": "a\n  at b (c.js:1:2)"}},
    {"severity": 50, "exc_info": _TRACEBACK, "err": {"name": "E"}},
]
SECRETIVE = ["password=abc AKIAABCDEFGHIJKLMNOP https://u:p@h/ Authorization: Bearer x"]
_RUN = {"id": "a", "event": event(), "log": list(RACE_LOG), "job_container": "app"}
CLASSIFIED = [{**_RUN, "deploy": "open", "policy": "safe"}]
SLACK_SECRETS = [
    "https://hooks.slack.com/services/T/B/x",
    '{"token": "xoxb-1", "channel": "C1", "api": "https://slack.com/api/"}',
]
CRONTAB = 'MAILTO=a@b\nCRON_TZ=Europe/London\n*/5 * * * * cd /app && python3 manage.py x % y\n@daily root "run" \\%\n'
ECSCHEDULE = """cluster: app
rules:
- name: a
  scheduleExpression: cron(0 0 * * ? *)
  taskDefinition: web
  network_configuration: {aws_vpc_configuration: {subnets: [s-1], assign_public_ip: ENABLED}}
  containerOverrides: [{name: web, command: [a, b], environment: {A: '{{ must_env `X` }}'}, cpu: 256}]
"""
_ECS = {
    "task_definition_arn": "arn:aws:ecs:eu-west-2:1:task-definition/a:1",
    "network_configuration": [{"subnets": ["s"], "security_groups": ["g"]}],
    "capacity_provider_strategy": [{"capacity_provider": "F", "weight": 1}],
}
_TARGET = {
    "arn": "arn:aws:ecs:eu-west-2:1:cluster/a",
    "input": json.dumps({"containerOverrides": [{"name": "w", "command": ["a"]}], "cpu": "256"}),
    "retry_policy": [{"maximum_event_age_in_seconds": 60}],
    "ecs_parameters": [_ECS],
}
_SCHEDULE = {
    "name": "a",
    "schedule_expression": "rate(1 hour)",
    "start_date": "2026-05-06T11:00:00Z",
    "flexible_time_window": [{"maximum_window_in_minutes": 5}],
    "target": [_TARGET],
}
_RESOURCE = {"type": "aws_scheduler_schedule", "address": "a.b", "values": _SCHEDULE}
TERRAFORM: Any = {"values": {"root_module": {"resources": [_RESOURCE], "child_modules": [{"resources": []}]}}}
JOBS_TOML = """group = "g"
[defaults]
cluster = "app"
task_definition = "web"
container = "web"
subnets = ["subnet-1"]
[jobs.a]
schedule = "cron(0 0 * * ? *)"
command = ["a"]
rerun = "safe"
start = 2026-05-06T11:00:00Z
"""
ALERTS_TOML = """[routes.default]
channels = ["slack"]
remind_after = "4h"
[routes.default.quiet]
start = "22:00"
end = "07:00"
timezone = "Europe/London"
[[rules]]
jobs = ["g/*"]
route = "default"
"""
RULES = """[[rule]]
id = "a.b"
where = "line"
pattern = '^FATAL:\\s'
category = "application_error"
advice = "Fix it."
examples = ["FATAL: x"]
"""
