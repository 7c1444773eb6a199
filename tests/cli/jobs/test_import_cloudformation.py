"""Templates: what refers to the template's own resources is resolved, and anything else is noted with its path."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cli.jobs import template
from cli.jobs.differences import api_schedule
from cli.jobs.importers.imported import from_file
from cli.jobs.importers.kinds import Kind, kind_of
from cli.jobs.job import jobs_of
from cronmend.errors import Permanent
from tests.cli.jobs.samples import dump, files, parsed
from tests.cli.jobs.test_round_trip import HOME

TEMPLATE = """
Parameters:
  Zone: {Type: String, Default: Europe/London}
  Subnet: {Type: "AWS::EC2::Subnet::Id"}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: app}}
  Group: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: ours}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: webapp
      ContainerDefinitions: [{Name: web}, {Name: agent, Essential: false}]
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: nightly
      GroupName: !Ref Group
      ScheduleExpression: cron(0 3 * * ? *)
      ScheduleExpressionTimezone: !Ref Zone
      FlexibleTimeWindow: {Mode: "OFF"}
      KmsKeyArn: !ImportValue key
      Target:
        Arn: !GetAtt Cluster.Arn
        RoleArn: !GetAtt Role.Arn
        Input: !Sub '{"containerOverrides":[{"name":"web","command":["backup","${!HOME}","${Zone}"]}]}'
        EcsParameters:
          TaskDefinitionArn: !Ref Task
          LaunchType: FARGATE
          NetworkConfiguration:
            AwsvpcConfiguration: {Subnets: [!Ref Subnet, subnet-1], AssignPublicIp: !If [Public, ENABLED, DISABLED]}
  Hourly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets:
        - Id: one
          Arn: !Sub "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/app"
          EcsParameters:
            TaskDefinitionArn: !Join ["", ["arn:aws:ecs:", !Ref "AWS::Region", ":1:task-definition/webapp"]]
            CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 1}]
            NetworkConfiguration: {AwsVpcConfiguration: {Subnets: [subnet-1]}}
        - {Id: other, Arn: !GetAtt Function.Arn}
  Function: {Type: AWS::Lambda::Function, Properties: {}}
  Reaction: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [x]}}}
"""


def test_a_schedule_has_the_names_of_the_resources_it_refers_to() -> None:
    imported = from_file(TEMPLATE, Kind.CLOUDFORMATION)
    tables = parsed(imported.text)
    job = {**tables["defaults"], **tables["jobs"]["nightly"]}
    assert (job["cluster"], job["task_definition"], job["container"]) == ("app", "webapp", "web")
    assert (job["timezone"], job["command"]) == ("Europe/London", ["backup", "${HOME}", "Europe/London"])
    assert job["subnets"] == ["subnet-1"]
    notes = "\n".join(imported.notes)
    for path in (
        "KmsKeyArn (Fn::ImportValue)",
        "awsvpcConfiguration".title()[:0] + "Subnets (Subnet)",
        "AssignPublicIp (Fn::If)",
    ):
        assert f"{path} isn't known from the template" in notes
    assert "RoleArn" not in notes
    assert "nightly: GroupName ours of the schedule isn't converted" in notes


def test_a_rule_is_named_after_its_resource() -> None:
    tables = parsed(from_file(TEMPLATE, Kind.CLOUDFORMATION).text)
    job = {**tables["defaults"], **tables["jobs"]["Hourly"]}
    assert (job["schedule"], job["cluster"], job["task_definition"]) == ("rate(1 hour)", "app", "webapp")
    assert job["capacity_providers"] == [{"provider": "FARGATE_SPOT", "weight": 1}]
    assert (job["container"], job["subnets"]) == ("web", ["subnet-1"])


def test_policies_alone_need_a_name_that_is_written() -> None:
    imported = from_file(TEMPLATE, Kind.CLOUDFORMATION, watch=True)
    assert parsed(imported.text)["jobs"] == {"nightly": {"managed": False, "group": "ours", "container": "web"}}
    assert any(note.startswith("Hourly: its name isn't known") for note in imported.notes)


def test_a_synthesized_template_is_json() -> None:
    text = json.dumps(
        {
            "Resources": {
                "S": {
                    "Type": "AWS::Scheduler::Schedule",
                    "Properties": {
                        "Name": "s",
                        "ScheduleExpression": "rate(1 day)",
                        "Target": {
                            "Arn": {"Fn::GetAtt": ["C", "Arn"]},
                            "Input": {"Fn::Join": ["", ['{"containerOverrides":[{"name":"', "web", '"}]}']]},
                            "EcsParameters": {"TaskDefinitionArn": {"Ref": "T"}},
                        },
                    },
                },
                "C": {"Type": "AWS::ECS::Cluster", "Properties": {}},
                "T": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "f"}},
            }
        }
    )
    assert kind_of(text) is Kind.CLOUDFORMATION
    imported = from_file(text, Kind.CLOUDFORMATION)
    assert parsed(imported.text)["jobs"]["s"]["container"] == "web"
    assert "s: Target.Arn (C) isn't known from the template; add it, or import the account" in imported.notes
    assert "s: cluster isn't set in the source; add it" in imported.notes


@pytest.mark.parametrize("text", ["Resources: 1", "a: [", "Resources: {A: 1}"])
def test_a_file_that_is_no_template_is_rejected(text: str) -> None:
    with pytest.raises(Permanent):
        from_file(text, Kind.CLOUDFORMATION)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(files())
def test_the_template_that_build_writes_imports_as_the_same_targets(tables: dict[str, Any]) -> None:
    jobs = jobs_of(parsed(dump(tables)))
    text = template.first(jobs, "g", ())
    assert kind_of(text) is Kind.CLOUDFORMATION
    again = {job.name: job for job in jobs_of(parsed(from_file(text, Kind.CLOUDFORMATION).text))}
    for job in jobs:
        ours, theirs = (api_schedule(each, HOME)["Target"] for each in (job, again[job.name]))
        assert theirs["EcsParameters"] == ours["EcsParameters"]
        assert theirs["RetryPolicy"] == ours["RetryPolicy"]
        assert again[job.name].command == job.command


def test_a_pseudo_parameter_that_stays_in_the_input_is_noted() -> None:
    text = TEMPLATE.replace('"${Zone}"]', '"${AWS::Region}"]')
    notes = "\n".join(from_file(text, Kind.CLOUDFORMATION).notes)
    assert "nightly: Target.Input has AWS::Region, which nothing replaces in jobs.toml" in notes
