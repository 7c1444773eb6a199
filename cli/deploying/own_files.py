"""The texts of the files that `cronmend init` writes."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cli.deploying.parameters import Group, Parameter
from cli.jobs.keys import DEFAULT_GROUP
from cli.jobs.toml_text import value as toml
from cli.on_call.options import STACK

_WIDTH = 118

_SAMCONFIG = """\
# How `make deploy` deploys Cronmend to your account. `cronmend init` wrote this file. Only you change it.
# SAM reads it: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
version = 0.1

[default.global.parameters]
stack_name = {stack}
{region}
{profile}

[default.deploy.parameters]
# Creates roles for the functions, and expands the schedules' template.
capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
# Uploads the functions to a bucket that SAM creates. For a bucket of your own: s3_bucket = "NAME" instead.
resolve_s3 = true
# true shows the changes and asks before each deploy. Enter means no.
confirm_changeset = false
fail_on_empty_changeset = false
# Tags for every resource of the stack.
# tags = "team=web service=cronmend"

# The stack's parameters. One with a # in front has the default that the line shows: to change it, remove the #.
[default.global.parameters.parameter_overrides]
"""

_JOBS = """\
# Your jobs, and what Cronmend may do when one fails. docs/jobs.md lists the keys. `make deploy` checks and deploys this
# file; `cronmend jobs check` only checks it. Other jobs keep the stack's defaults, such as DefaultRerunPolicy.
{group}
[defaults]
cluster = {cluster}

# No jobs yet. Replace this line with your jobs.
[jobs]

# A job whose schedule is defined elsewhere (Terraform, CDK, the console). `cronmend jobs import` writes these.
# [jobs.publish-scheduled]
# managed = false
# group = "default"          # its schedule group in EventBridge Scheduler
# rerun = "safe"             # safe: a second run does no harm | unstarted | never

# A job whose schedule this stack creates (with DeploySchedules = "true").
# [jobs.send-report]
# schedule = "cron(0 7 * * ? *)"
# timezone = "Europe/London"
# task_definition = "webapp"
# container = "web"
# command = ["python", "manage.py", "send_report"]
# subnets = ["subnet-…"]
# security_groups = ["sg-…"]
# rerun = "unstarted"        # only if the job's code never ran
"""

ALERTS = """\
# Where alerts go. docs/alerts.md lists the keys. `make deploy` checks and deploys this file.

[routes.default]
channels = ["slack", "sns", "events"]   # those that the stack has
healed = "quiet"                        # none | quiet | digest
remind_after = "24h"                    # while a job stays broken
"""


@dataclass(frozen=True, slots=True)
class Where:
    stack: str
    region: str
    profile: str | None


def samconfig(where: Where, groups: tuple[Group, ...], values: Mapping[str, str]) -> str:
    """
    Args:
        values: the parameters that get a value of their own.
    """
    head = _SAMCONFIG.format(
        stack=toml(where.stack),
        region=f"region = {toml(where.region)}",
        profile=f"profile = {toml(where.profile)}" if where.profile else '# profile = "NAME"',
    )
    return head + "\n".join(line for group in groups for line in _group(group, values))


def jobs(stack: str, cluster: str) -> str:
    """The jobs' group is named after the stack, except for the default stack: a group belongs to one stack of an
    account."""
    group = DEFAULT_GROUP if stack == STACK else f"{stack}-jobs"
    comment = "# The schedule group of the jobs whose schedules this stack creates. No other stack can have the same."
    return _JOBS.format(group=f"\n{comment}\ngroup = {toml(group)}\n", cluster=toml(cluster))


def _group(group: Group, values: Mapping[str, str]) -> Iterator[str]:
    yield f"\n# ---- {group.label}"
    for parameter in group.parameters:
        yield from _parameter(parameter, values.get(parameter.name))


def _parameter(parameter: Parameter, value: str | None) -> Iterator[str]:
    yield ""
    yield from (f"# {line}" for line in textwrap.wrap(parameter.description, _WIDTH))
    yield from (f"# Allowed: {line}" for line in textwrap.wrap(parameter.allowed, _WIDTH))
    given = parameter.default if value is None else value
    yield f"{'# ' if value is None else ''}{parameter.name} = {toml(given or '')}"
