"""Any valid jobs.toml → template → Scheduler's answer → import → the same jobs.toml."""

import json
from collections.abc import Mapping
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings

from cli.jobs import template
from cli.jobs.answers import Home
from cli.jobs.built_files import POLICIES, TEMPLATE, built_files, group_of
from cli.jobs.check import check_jobs
from cli.jobs.differences import api_schedule, differences
from cli.jobs.job import jobs_of, override
from cli.toml_files.findings import mistakes
from cli.toml_files.source import merge, parse
from cronmend.jobs import policies
from tests.cli.jobs.importing import from_schedules, from_terraform
from tests.cli.jobs.samples import NOW, dump, files, parsed

HOME = Home("111122223333", "eu-west-2")
SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)


class Loader(yaml.SafeLoader):
    """CloudFormation's functions as their values in one account."""


def _resolved(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if suffix == "Sub":
        words = {"Partition": HOME.partition, "Region": HOME.region, "AccountId": HOME.account}
        text = str(node.value)
        for word, value in words.items():
            text = text.replace(f"${{AWS::{word}}}", value)
        return text
    return f"<{node.value}>"


Loader.add_multi_constructor("!", _resolved)


def deployed(text: str, group: str) -> list[dict[str, Any]]:
    """The schedules of a template as GetSchedule would answer them."""
    resources: Mapping[str, Any] = yaml.load(text, Loader)["Resources"]  # noqa: S506 - a safe loader with three tags
    found = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Scheduler::Schedule"]
    return [_in_api_case({**each, "GroupName": group, "Arn": _arn(group, each["Name"])}) for each in found]


def _arn(group: str, name: str) -> str:
    return HOME.arn("scheduler", f"schedule/{group}/{name}")


def _in_api_case(schedule: dict[str, Any]) -> dict[str, Any]:
    ecs = schedule["Target"]["EcsParameters"]
    if network := ecs.get("NetworkConfiguration"):
        ecs["NetworkConfiguration"] = {"awsvpcConfiguration": network["AwsvpcConfiguration"]}
    if strategy := ecs.get("CapacityProviderStrategy"):
        names = {"CapacityProvider": "capacityProvider", "Weight": "weight", "Base": "base"}
        ecs["CapacityProviderStrategy"] = [{names[key]: value for key, value in each.items()} for each in strategy]
    return schedule


@SLOWLY
@given(files())
def test_a_file_comes_back_from_the_account_as_it_was(tables: dict[str, Any]) -> None:
    source = merge((parse(dump(tables)),))
    assert not mistakes(check_jobs(source, NOW))
    built = built_files(source)
    group = group_of(source)
    schedules = deployed(built[TEMPLATE], group)
    known = policies.read(built[POLICIES])
    imported = from_schedules(schedules, group, known)
    again = merge((parse(imported.text),))
    assert jobs_of(again.tables) == jobs_of(source.tables)
    assert built_files(again)[TEMPLATE] == built[TEMPLATE]


@SLOWLY
@given(files())
def test_what_is_deployed_as_built_does_not_differ(tables: dict[str, Any]) -> None:
    source = merge((parse(dump(tables)),))
    jobs, group = jobs_of(source.tables), group_of(source)
    assert list(differences(jobs, deployed(template.first(jobs, group, ()), group), HOME)) == []


@SLOWLY
@given(files())
def test_the_input_in_the_template_parses_back_to_the_override(tables: dict[str, Any]) -> None:
    jobs = {job.name: job for job in jobs_of(parsed(dump(tables)))}
    for schedule in deployed(template.first(jobs.values(), "g", ()), "g"):
        job = jobs[schedule["Name"]]
        written = json.loads(schedule["Target"]["Input"])
        assert written == json.loads(override(job))
        container = written["containerOverrides"][0]
        assert container.get("command", []) == list(job.command)
        variables = {pair["name"]: pair["value"] for pair in container["environment"]}
        assert variables.pop("CRONMEND_JOB") == job.id
        assert variables.pop("CRONMEND_SLOT") == "<aws.scheduler.scheduled-time>"
        assert variables == job.environment


@SLOWLY
@given(files())
def test_terraforms_state_of_the_same_schedules_imports_as_the_same(tables: dict[str, Any]) -> None:
    jobs = jobs_of(parsed(dump(tables)))
    state = {"values": {"root_module": {"child_modules": [{"resources": [_terraform(job) for job in jobs]}]}}}
    imported = jobs_of(parsed(from_terraform(json.dumps(state)).text))
    ours = {job.name: api_schedule(job, HOME)["Target"] for job in jobs}
    for job in imported:
        theirs = api_schedule(job, HOME)["Target"]
        original = ours[job.name]
        assert theirs["EcsParameters"] == original["EcsParameters"]
        assert theirs["RetryPolicy"] == original["RetryPolicy"]


def _terraform(job: Any) -> dict[str, Any]:
    api = api_schedule(job, HOME)
    ecs, retries = api["Target"]["EcsParameters"], api["Target"]["RetryPolicy"]
    network = ecs["NetworkConfiguration"]["awsvpcConfiguration"]
    parameters = {
        "task_definition_arn": ecs["TaskDefinitionArn"],
        "task_count": ecs["TaskCount"],
        "launch_type": ecs.get("LaunchType", ""),
        "platform_version": ecs.get("PlatformVersion", ""),
        "group": ecs.get("Group", ""),
        "propagate_tags": ecs.get("PropagateTags", ""),
        "enable_ecs_managed_tags": ecs.get("EnableECSManagedTags", False),
        "enable_execute_command": ecs.get("EnableExecuteCommand", False),
        "capacity_provider_strategy": [
            {"capacity_provider": each["capacityProvider"], "weight": each.get("weight"), "base": None}
            for each in ecs.get("CapacityProviderStrategy", [])
        ],
        "network_configuration": [
            {
                "subnets": network["Subnets"],
                "security_groups": network.get("SecurityGroups", []),
                "assign_public_ip": network["AssignPublicIp"] == "ENABLED",
            }
        ],
    }
    target = {
        "arn": api["Target"]["Arn"],
        "input": api["Target"]["Input"],
        "ecs_parameters": [parameters],
        "retry_policy": [
            {
                "maximum_retry_attempts": retries["MaximumRetryAttempts"],
                "maximum_event_age_in_seconds": retries["MaximumEventAgeInSeconds"],
            }
        ],
    }
    values = {
        "name": job.name,
        "arn": api["Arn"],
        "group_name": job.group,
        "schedule_expression": job.schedule,
        "schedule_expression_timezone": job.timezone,
        "state": api["State"],
        "flexible_time_window": [{"mode": "OFF", "maximum_window_in_minutes": 0}],
        "target": [target],
    }
    return {"address": f"aws_scheduler_schedule.{job.name}", "type": "aws_scheduler_schedule", "values": values}
