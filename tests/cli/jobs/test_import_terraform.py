"""Rules and their targets in Terraform's JSON: joined by what is certain, else refused with the address."""

import json
from typing import Any

import pytest

from cli.jobs.importers.imported import Imported
from tests.cli.jobs.importing import from_terraform
from tests.cli.jobs.samples import parsed
from tests.cli.jobs.terraform import configured, plan, resource, rule, state, target

MONTHLY, HOURLY = "cron(0 6 1 * ? *)", "rate(1 hour)"
RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"


def commands(imported: Imported) -> dict[str, tuple[str, Any]]:
    """By job, its schedule and its command."""
    tables = parsed(imported.text)
    jobs = {name: {**tables.get("defaults", {}), **job} for name, job in tables["jobs"].items()}
    return {name: (job["schedule"], job.get("command")) for name, job in jobs.items()}


def test_targets_of_one_rule_stay_apart_by_their_ids() -> None:
    both = state(
        rule(f"{RULE}.r", MONTHLY, name="weekly"),
        target(f"{TARGET}.one", ["a"], rule="weekly", target_id="shodan"),
        target(f"{TARGET}.two", ["b"], rule="weekly", target_id="terraform-20261127142535040600000001"),
    )
    assert commands(from_terraform(both)) == {"weekly-shodan": (MONTHLY, ["a"]), "weekly-two": (MONTHLY, ["b"])}


def test_long_names_that_differ_at_their_end_stay_apart() -> None:
    name = "w" * 60
    both = state(
        rule(f"{RULE}.r", MONTHLY, name=name),
        target(f"{TARGET}.one", ["a"], rule=name, target_id="first"),
        target(f"{TARGET}.two", ["b"], rule=name, target_id="finish"),
    )
    assert len(commands(from_terraform(both))) == 2


def test_a_target_whose_rule_is_in_another_state_is_named() -> None:
    imported = from_terraform(state(target(f"{TARGET}.far", ["a"], rule="elsewhere")))
    assert imported.jobs == 0
    assert f"{TARGET}.far: its rule elsewhere isn't in this file" in "\n".join(imported.notes)


@pytest.mark.parametrize("values", [{"event_bus_name": "orders"}, {"region": "eu-west-1"}])
def test_a_rule_of_another_bus_or_region_is_not_the_targets(values: dict[str, str]) -> None:
    document = state(rule(f"{RULE}.r", MONTHLY, name="weekly", **values), target(f"{TARGET}.t", ["a"], rule="weekly"))
    assert from_terraform(document).jobs == 0


def test_two_rules_of_one_name_are_refused() -> None:
    rules = (rule(f"{RULE}.{name}", MONTHLY, name="weekly") for name in ("a", "b"))
    imported = from_terraform(state(*rules, target(f"{TARGET}.t", ["a"], rule="weekly")))
    assert imported.jobs == 0
    assert "several rules named weekly" in "\n".join(imported.notes)


def test_a_rule_without_a_schedule_is_named() -> None:
    document = state(resource(f"{RULE}.r", {"name": "on-event"}), target(f"{TARGET}.t", ["a"], rule="on-event"))
    assert f"its rule {RULE}.r has no schedule" in "\n".join(from_terraform(document).notes)


def two_rules(*configuration: dict[str, Any]) -> str:
    unknown = {f"{TARGET}.{name}": {"rule": True, "target_id": True} for name in ("a_refresh", "b_charge")}
    return plan(
        rule(f"{RULE}.charge_monthly", MONTHLY, name_prefix="charge-"),
        rule(f"{RULE}.refresh_hourly", HOURLY, name_prefix="refresh-"),
        target(f"{TARGET}.a_refresh", ["refresh"]),
        target(f"{TARGET}.b_charge", ["charge"]),
        configuration={"resources": list(configuration)},
        unknown=unknown,
    )


def test_unknown_names_are_joined_by_reference_and_never_to_each_other() -> None:
    document = two_rules(
        configured(f"{TARGET}.a_refresh", rule=[f"{RULE}.refresh_hourly.name", f"{RULE}.refresh_hourly"]),
        configured(f"{TARGET}.b_charge", rule=[f"{RULE}.charge_monthly.name", f"{RULE}.charge_monthly"]),
    )
    assert commands(from_terraform(document)) == {
        "charge_monthly": (MONTHLY, ["charge"]),
        "refresh_hourly": (HOURLY, ["refresh"]),
    }


@pytest.mark.parametrize("references", [["local.rule"], [f"{RULE}.refresh_hourly", f"{RULE}.charge_monthly"], []])
def test_an_unknown_name_that_no_reference_settles_is_refused_with_the_address(references: list[str]) -> None:
    document = two_rules(*(configured(f"{TARGET}.{name}", rule=references) for name in ("a_refresh", "b_charge")))
    imported = from_terraform(document)
    assert imported.jobs == 0
    for name in ("a_refresh", "b_charge"):
        assert f"{TARGET}.{name}: its rule isn't known until the plan is applied" in "\n".join(imported.notes)


def for_each(references: list[str], **more: list[str]) -> str:
    pairs = (("charge", MONTHLY), ("refresh", HOURLY))
    return plan(
        *(rule(f'{RULE}.this["{key}"]', expression, index=key) for key, expression in pairs),
        *(target(f'{TARGET}.this["{key}"]', [key], index=key) for key, _ in reversed(pairs)),
        configuration={"resources": [configured(f"{TARGET}.this", rule=references, **more)]},
    )


@pytest.mark.parametrize(
    ("references", "more"),
    [
        ([f"{RULE}.this", "each.key"], {}),
        (["each.value.name", "each.value"], {"for_each": [f"{RULE}.this"]}),
    ],
)
def test_the_instances_of_for_each_are_joined_by_their_keys(references: list[str], more: dict[str, list[str]]) -> None:
    assert commands(from_terraform(for_each(references, **more))) == {
        "this-charge": (MONTHLY, ["charge"]),
        "this-refresh": (HOURLY, ["refresh"]),
    }


def test_an_instance_that_a_value_chooses_is_not_guessed() -> None:
    assert from_terraform(for_each([f"{RULE}.this", "each.value.rule", "each.value"])).jobs == 0


def test_a_name_is_followed_into_and_out_of_modules() -> None:
    inner = {"resources": [configured(f"{TARGET}.this", rule=["var.rule"])]}
    outer = {
        "resources": [],
        "outputs": {"name": {"expression": {"references": [f"{RULE}.this.name", f"{RULE}.this"]}}},
    }
    call = {"expressions": {"rule": {"references": ["module.rule.name", "module.rule"]}}, "module": inner}
    document = plan(
        configuration={"module_calls": {"task": call, "rule": {"module": outer}}},
        modules={
            "module.rule": [rule(f"module.rule.{RULE}.this", MONTHLY)],
            "module.other": [rule(f"module.other.{RULE}.this", HOURLY)],
            'module.task["x"]': [target(f'module.task["x"].{TARGET}.this', ["charge"])],
        },
    )
    assert commands(from_terraform(document)) == {"rule-this": (MONTHLY, ["charge"])}


def test_what_a_plan_does_not_know_is_named_with_its_path() -> None:
    address = f"{TARGET}.a_refresh"
    document = json.loads(two_rules(configured(address, rule=[f"{RULE}.refresh_hourly"])))
    (values,) = (
        each["values"] for each in document["planned_values"]["root_module"]["resources"] if each["address"] == address
    )
    del values["arn"], values["ecs_target"][0]["task_definition_arn"]
    network = {"subnets": [False, True], "assign_public_ip": True}
    ecs = {"task_definition_arn": True, "network_configuration": [network]}
    document["resource_changes"][0]["change"]["after_unknown"] = {"arn": True, "rule": True, "ecs_target": [ecs]}
    notes = "\n".join(from_terraform(json.dumps(document)).notes)
    for path in ("network_configuration.subnets", "network_configuration.assign_public_ip", "task_definition_arn"):
        assert f"refresh_hourly: ecs_target.{path} isn't known until the plan is applied" in notes
    assert "cluster isn't set in the source" in notes


def task_definition(*containers: dict[str, Any], **values: Any) -> dict[str, Any]:
    content = {"family": "webapp", "container_definitions": json.dumps(containers), **values}
    return resource("aws_ecs_task_definition.web", content)


def schedule(**ecs: str) -> dict[str, Any]:
    block = {"input": None, "arn": None, "ecs_parameters": [{"launch_type": "FARGATE", **ecs}]}
    values = {"name": "nightly", "schedule_expression": HOURLY, "target": [block]}
    return resource("aws_scheduler_schedule.nightly", values)


def test_cluster_family_and_container_are_those_the_plan_refers_to() -> None:
    ecs = {"task_definition_arn": {"references": ["aws_ecs_task_definition.web.arn", "aws_ecs_task_definition.web"]}}
    block = {"arn": {"references": ["aws_ecs_cluster.main.arn", "aws_ecs_cluster.main"]}, "ecs_parameters": [ecs]}
    nightly = {"type": "aws_scheduler_schedule", "name": "nightly", "expressions": {"target": [block]}}
    imported = from_terraform(
        plan(
            task_definition({"name": "web"}, {"name": "agent", "essential": False}),
            resource("aws_ecs_cluster.main", {"name": "main"}),
            schedule(),
            configuration={"resources": [nightly]},
            unknown={
                "aws_scheduler_schedule.nightly": {
                    "target": [{"arn": True, "ecs_parameters": [{"task_definition_arn": True}]}]
                }
            },
        )
    )
    job = parsed(imported.text)["jobs"]["nightly"]
    assert (job["cluster"], job["task_definition"], job["container"]) == ("main", "webapp", "web")
    assert [note for note in imported.notes if "nightly" in note] == [
        "nightly: the revision of webapp isn't known until the plan is applied; the job runs the newest"
    ]


def test_the_container_is_that_of_the_task_definition_in_the_same_state() -> None:
    arn = "arn:aws:ecs:us-east-1:111122223333:task-definition/webapp:1"
    found = from_terraform(state(schedule(task_definition_arn=arn), task_definition({"name": "web"}, arn=arn)))
    assert parsed(found.text)["jobs"]["nightly"]["container"] == "web"
    several = task_definition({"name": "web"}, {"name": "proxy"}, arn=arn)
    found = from_terraform(state(schedule(task_definition_arn=arn), several))
    assert "container" not in parsed(found.text)["jobs"]["nightly"]
    assert "nightly: the target's override names no container; add container: web or proxy" in found.notes


def test_a_universal_target_of_terraform_is_converted() -> None:
    request = {
        "Cluster": "c",
        "TaskDefinition": "api",
        "LaunchType": "FARGATE",
        "Overrides": {"ContainerOverrides": [{"Name": "api", "Command": ["node"]}]},
    }
    block = {"arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "ecs_parameters": [], "input": json.dumps(request)}
    values = {"name": "billing", "schedule_expression": "rate(30 minutes)", "target": [block]}
    imported = from_terraform(state(resource("module.billing.aws_scheduler_schedule.billing", values)))
    assert commands(imported) == {"billing": ("rate(30 minutes)", ["node"])}


def test_an_age_of_zero_in_the_state_is_awss_day() -> None:
    policy = [{"maximum_event_age_in_seconds": 0, "maximum_retry_attempts": 3}]
    document = state(rule(f"{RULE}.r", MONTHLY, name="r"), target(f"{TARGET}.t", ["a"], rule="r", retry_policy=policy))
    job = parsed(from_terraform(document).text)["jobs"]["r"]
    assert (job["retry_attempts"], job["max_event_age"]) == (3, "1d")
