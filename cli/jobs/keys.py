"""Every key of jobs.toml: the checks, the JSON Schema and the reference in docs/jobs.md come from this table."""

from datetime import timedelta

from msgspec.structs import fields

from cli.jobs.providers import Providers
from cli.toml_files.keys import Key
from cli.toml_files.kinds import (
    Choice,
    Count,
    DateTime,
    Duration,
    Flag,
    Kind,
    Strings,
    StringTable,
    Text,
    as_duration,
)
from cli.toml_files.patterns import BoundedNumber, Pattern
from cronmend.jobs.policies import JobPolicy
from cronmend.model import CatchUp, Follow, OnOverdue, Policy
from cronmend.model.categories import SEVERITIES
from cronmend.model.expected_logs import Silence
from cronmend.model.findings import OnFinding
from cronmend.model.slos import PATTERN, SHAPE

NAME = r"[0-9a-zA-Z_.-]{1,64}"
DEFAULT_GROUP = "cronmend-jobs"
REFERENCE = r"[A-Za-z0-9_:/.-]+"
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_POLICY = {spec.name: spec.default for spec in fields(JobPolicy)}


def _policy(name: str, kind: Kind, description: str) -> Key:
    default = _POLICY[name]
    written = as_duration(default) if isinstance(default, timedelta) else default
    return Key(name, kind, description, written if written not in ("", ()) else None, policy=True)


KEYS = (
    Key("schedule", Text(high=256), "cron(…), rate(…), at(…), or five fields as in a crontab", shared=False),
    Key("timezone", Text(high=50), "IANA name, such as Europe/London", "UTC"),
    Key(
        "command",
        Strings(shape='a list, such as ["python", "manage.py", "publish_scheduled"]', item=Text(low=0, high=8192)),
        "program and arguments; without it, the container's own command runs",
        shared=False,
    ),
    Key(
        "task_definition",
        Text(pattern=REFERENCE, shape='family, family:revision or ARN, such as "webapp"'),
        "a family runs its newest revision at each start, so a deploy moves the job at once; family:revision stays "
        "until you change the file",
    ),
    Key("container", Text(high=255), "name of the container that runs the job"),
    Key("cluster", Text(pattern=REFERENCE, shape='a cluster\'s name or ARN, such as "app-prod"'), "name or ARN"),
    Key(
        "subnets",
        Strings(
            Text(pattern=r"subnet-[0-9a-f]+", shape='a subnet, such as "subnet-0d0eab1bb38d5ca64"'),
            1,
            16,
            "1-16 subnets",
        ),
        "where the task runs; with several zones, a lack of capacity in one doesn't stop the job",
    ),
    Key(
        "security_groups",
        Strings(
            Text(pattern=r"sg-[0-9a-f]+", shape='a security group, such as "sg-0123456789abcdef0"'), 1, 5, "1-5 groups"
        ),
        "without it, the VPC's default group",
    ),
    Key("assign_public_ip", Flag(), "needed in a public subnet without NAT", False),
    Key(
        "launch_type",
        Choice(
            ("FARGATE", "EC2", "EXTERNAL"),
            (("FARGATE_SPOT", 'write capacity_providers = [{ provider = "FARGATE_SPOT", weight = 1 }]'),),
        ),
        "instead of capacity_providers",
        "FARGATE",
    ),
    Key("capacity_providers", Providers(), "instead of launch_type"),
    Key(
        "platform_version",
        Text(
            high=64, pattern=r"LATEST|[0-9]+\.[0-9]+\.[0-9]+", shape='a platform version, such as "1.4.0" or "LATEST"'
        ),
        "Fargate's, without prefix, such as 1.4.0",
    ),
    Key("cpu", Count(128, 196_608), "CPU units for this job instead of the task definition's; set memory too"),
    Key("memory", Count(4, 1_048_576), "MiB for this job instead of the task definition's; set cpu too"),
    Key(
        "environment",
        StringTable(),
        "variables added to the container's; anyone who can read the schedule can read them",
    ),
    Key("task_count", Count(1, 10), "tasks per start", 1),
    Key("task_group", Text(high=255), "the tasks' group; without it, family:<family>"),
    Key("propagate_tags", Flag(on=("TASK_DEFINITION",)), "copy the task definition's tags to the task", False),
    Key("managed_tags", Flag(), "let ECS tag the task with its cluster", False),
    Key("execute_command", Flag(), "allow `aws ecs execute-command` into the task", False),
    Key(
        "roles",
        Strings(
            Text(pattern=r"[\w+=,.@/:-]+", shape='a role\'s name or ARN, such as "webapp-task"'), 1, 4, "1-4 roles"
        ),
        "the task definition's task role and execution role: the schedule can pass only these; without it, the "
        "schedule can pass any role of the account to ECS tasks",
    ),
    Key("start", DateTime(), "date and time before which the job doesn't start"),
    Key("end", DateTime(), "date and time after which the job doesn't start"),
    Key("flexible_window", Duration(_MINUTE, _DAY, _MINUTE), "start at any time within this period after the slot"),
    Key(
        "fixed_time",
        Flag(),
        "whether its minute has a meaning: true, `jobs load --suggest` never moves it; false, it may; without it, it "
        "moves only a job that starts in each hour, or several times in one",
    ),
    Key("enabled", Flag(), "false keeps the schedule but starts nothing", True),
    Key("description", Text(low=0, high=512), "shown in the console", shared=False),
    Key("retry_attempts", Count(0, 185), "how often Scheduler retries a start that AWS refused", 2),
    Key(
        "max_event_age",
        Duration(_MINUTE, _DAY),
        "how long Scheduler retries; the job never starts later than this (AWS's own default is a day)",
        "10m",
    ),
    _policy(
        "rerun",
        Choice(tuple(Policy)),
        "safe: running twice does no harm; unstarted: re-run only if the code never ran; never: no re-runs",
    ),
    _policy(
        "attempts", Count(0, 10), "most re-runs in one incident; AWS failures are counted separately, 0 means none"
    ),
    _policy(
        "max_runtime",
        Duration(_MINUTE, 14 * _DAY),
        "longest time that a run may take before it is overdue; without it, learned from the job's earlier runs",
    ),
    _policy(
        "silent_after",
        Duration(_MINUTE, 14 * _DAY),
        "a run that is active and has written nothing to its log for this long is overdue; without it, logs of active "
        "runs aren't read",
    ),
    _policy(
        "on_overdue",
        Choice(tuple(OnOverdue)),
        "alert: only alert if a run takes longer than max_runtime or is silent; stop: also stop it, and then decide as "
        "for any failed run (needs max_runtime or silent_after, and the stack's parameter StopOverdueRuns)",
    ),
    _policy("deadline", Duration(_MINUTE, _DAY), "longest time to hold an alert while waiting for a re-run to succeed"),
    _policy(
        "grace",
        Duration(_MINUTE, _DAY),
        "how long after its slot a run may start before the slot counts as missed; without it, learned from the job's "
        "earlier starts, at least 5m",
    ),
    _policy(
        "catch_up",
        Choice(tuple(CatchUp)),
        "once: run the job once for the slots that it missed, with the guards of any re-run; none: only alert",
    ),
    _policy("stale_after", Duration(_MINUTE, 7 * _DAY), "Cronmend doesn't re-run a job for a slot older than this"),
    _policy(
        "memory_step",
        Flag(),
        "re-run a job that ran out of memory once, with Fargate's next larger size; only if rerun is safe",
    ),
    _policy(
        "must_contain",
        Strings(item=Pattern()),
        "patterns (RE2) that the log of each run that exits with 0 must contain; otherwise the run has failed",
    ),
    _policy(
        "must_not_contain",
        Strings(item=Pattern()),
        "patterns (RE2) that the log of a run that exits with 0 must not contain",
    ),
    _policy(
        "number",
        BoundedNumber(),
        "a number that the log of a run that exits with 0 must report, and its bounds; the last match counts",
    ),
    _policy(
        "silence",
        Choice(tuple(Silence)),
        "ok: a run may write nothing, whatever its log must contain; fails: a run that writes nothing has failed",
    ),
    _policy(
        "slo",
        Text(pattern=PATTERN, shape=SHAPE),
        "the share of runs that should be good in a number of days; failed, healed and missed runs use what it leaves, "
        "its error budget, and a budget that is used too fast is a finding",
    ),
    _policy(
        "on_finding",
        Choice(tuple(OnFinding)),
        "what to send about a finding, such as a schedule that was left disabled: note, one quiet line; alert, a "
        "message with the job's severity; none, nothing, but `cronmend findings` lists it",
    ),
    _policy(
        "alert",
        Text(high=64, pattern=r"[\w-]+", shape='a route\'s name, such as "default"'),
        "the route of the job's alerts",
    ),
    _policy("severity", Choice(SEVERITIES), "severity of the job's alerts"),
    _policy("owner", Text(high=128), "who is responsible for the job; shown in its alerts"),
    _policy(
        "runbook",
        Text(high=1000, pattern=r"https?://\S+", shape='a link, such as "https://…"'),
        "link to instructions; shown in the job's alerts",
    ),
    _policy(
        "follow",
        Choice(tuple(Follow)),
        "service: move the schedule to the revision that its service runs, once the migration is proved to have "
        "succeeded; service_assumed: also if the deploy has only ended; none: leave it where it is (needs the stack's "
        "parameter FollowServices)",
    ),
    _policy("hold_in_deploys", Flag(), "disable the schedule during a deploy, if the stack's HoldSchedules is listed"),
    Key(
        "managed",
        Flag(),
        "false: the schedule is defined elsewhere, and this file holds only its policy",
        True,
        shared=False,
    ),
    Key(
        "group",
        Text(pattern=NAME, shape="a name that AWS accepts, 1 to 64 of letters, digits, - _ ."),
        "the schedule's group; only with managed = false",
        shared=False,
    ),
)
BY_NAME = {key.name: key for key in KEYS}
TOP = ("group", "defaults", "jobs")
UNMANAGED = frozenset({key.name for key in KEYS if key.policy} | {"managed", "group", "container", "description"})
