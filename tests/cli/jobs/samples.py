"""Jobs files for the tests: the smallest valid one, ways to change it, and random valid ones."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from cli.jobs import toml_text
from cli.jobs.check import check_jobs
from cli.toml_files.source import Finding, merge, parse

NOW = datetime(2026, 5, 6, 11, tzinfo=UTC)
SMALLEST = """
[defaults]
cluster = "app-prod"
task_definition = "webapp"
container = "web"
subnets = ["subnet-0d0eab1bb38d5ca64"]

[jobs.publish-scheduled]
schedule = "cron(0 * * * ? *)"
command = ["python", "manage.py", "publish_scheduled"]
"""


def findings(*texts: str) -> list[Finding]:
    return check_jobs(merge(tuple(parse(text, f"{number}.toml") for number, text in enumerate(texts))), NOW)


def with_job(*lines: str) -> str:
    """The smallest file with lines added to its job, in place of those of the same key."""
    keys = {line.partition("=")[0].strip() for line in lines}
    kept = [line for line in SMALLEST.splitlines() if line.partition("=")[0].strip() not in keys]
    return "\n".join([*kept, *lines]) + "\n"


def dump(tables: Mapping[str, Any]) -> str:
    return toml_text.document(tables.get("group", ""), tables.get("defaults", {}), tables["jobs"], [])


_NAMES = st.from_regex(r"[a-zA-Z0-9_.-]{1,64}", fullmatch=True)
_WORD = st.text(st.characters(codec="utf-8"), max_size=12)


def _strategy(*providers: str) -> st.SearchStrategy[dict[str, Any]]:
    """Of one kind of provider, the first with a weight."""
    others = st.fixed_dictionaries({"provider": st.sampled_from(providers)}, optional={"weight": st.integers(0, 1000)})
    first = st.fixed_dictionaries({"provider": st.sampled_from(providers), "weight": st.integers(1, 1000)})
    return st.builds(lambda one, more: {"capacity_providers": [one, *more]}, first, st.lists(others, max_size=2))


_CAPACITY: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"launch_type": st.sampled_from(("EC2", "EXTERNAL", "FARGATE"))}),
    _strategy("FARGATE", "FARGATE_SPOT"),
    _strategy("own", "other"),
)
_SIZE = st.sampled_from(({}, {"cpu": 256, "memory": 512}, {"cpu": 1024, "memory": 8192}))
_SCHEDULES = ("cron(0 * * * ? *)", "rate(5 minutes)", "cron(15 10 ? * 6L 2026-2199)", "at(2199-05-06T11:15:00)")
_BOUNDS = st.sampled_from(
    (
        {},
        {"start": datetime(2026, 6, 1, 12, 30, tzinfo=UTC)},
        {"start": datetime(2026, 6, 1, tzinfo=UTC), "end": datetime(2198, 1, 1, tzinfo=UTC)},
    )
)
_OPTIONS = {
    "timezone": st.sampled_from(("Europe/London", "America/New_York")),
    "command": st.lists(_WORD, min_size=1, max_size=4).filter(
        lambda words: words[0].strip() and (len(words) > 1 or " " not in words[0].strip())
    ),
    "security_groups": st.just(["sg-0123456789abcdef0"]),
    "assign_public_ip": st.just(True),
    "platform_version": st.just("1.4.0"),
    "environment": st.dictionaries(st.from_regex(r"[A-Z]{1,8}", fullmatch=True), _WORD, min_size=1, max_size=3),
    "task_count": st.integers(2, 10),
    "task_group": st.just("reports"),
    "propagate_tags": st.just(True),
    "managed_tags": st.just(True),
    "execute_command": st.just(True),
    "flexible_window": st.sampled_from(("1m", "15m", "1d")),
    "enabled": st.just(False),
    "description": _WORD.filter(bool),
    "retry_attempts": st.integers(0, 185),
    "max_event_age": st.sampled_from(("1m", "90s", "1d")),
    "rerun": st.sampled_from(("safe", "never")),
    "max_runtime": st.just("45m"),
    "owner": _WORD.filter(bool),
    "hold_in_deploys": st.just(True),
}


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """The tables of a valid file, every value other than its default and nothing under [defaults]."""
    jobs = {name: draw(_jobs()) for name in draw(st.sets(_NAMES, min_size=1, max_size=3))}
    return {"group": draw(st.sampled_from(("", "default", "reports"))), "jobs": jobs}


@st.composite
def _jobs(draw: st.DrawFn) -> dict[str, Any]:
    base = {
        "schedule": draw(st.sampled_from(_SCHEDULES)),
        "task_definition": draw(st.sampled_from(("webapp", "webapp:12"))),
        "container": "web",
        "cluster": draw(st.sampled_from(("app-prod", "arn:aws:ecs:eu-west-1:999988887777:cluster/other"))),
        "subnets": ["subnet-0d0eab1bb38d5ca64", "subnet-1"],
    }
    options = draw(st.fixed_dictionaries({}, optional=_OPTIONS))
    job = {**base, **draw(_CAPACITY), **draw(_SIZE), **draw(_BOUNDS), **options}
    capacity = job.get("capacity_providers", [{"provider": job.get("launch_type", "FARGATE")}])
    if not capacity[0]["provider"].startswith("FARGATE"):
        job.pop("platform_version", None)
    return {key: value for key, value in job.items() if not (key == "launch_type" and value == "FARGATE")}


def parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)
