"""``cronmend jobs export --hcl``. That ``terraform fmt`` changes nothing is checked where there is a terraform."""

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.jobs.app import jobs_app
from cli.jobs.hcl import hcl
from tests import ROOT


def exported(*options: str) -> str:
    done = CliRunner().invoke(jobs_app, ["export", *options, "--file", str(ROOT / "jobs.toml")])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_document_becomes_aligned_blocks_with_references_as_such() -> None:
    document = {
        "//": "Written by a test",
        "variable": {"topics": {"type": "list(string)", "default": []}},
        "data": {"aws_region": {"current": {}}},
        "resource": {
            "aws_scheduler_schedule": {
                "Bill": {
                    "name": "bill",
                    "group_name": "${aws_scheduler_schedule_group.jobs.name}",
                    "target": {
                        "arn": "arn:aws:ecs:${data.aws_region.current.id}:1:cluster/c",
                        "input": '{"at":"<aws.scheduler.scheduled-time>","cost":"$${PRICE}"}',
                        "capacity_provider_strategy": [{"capacity_provider": "FARGATE"}, {"weight": 2}],
                    },
                }
            },
            "aws_iam_role": {"Bill": {"assume_role_policy": '{"Statement": [{"Action": "a", "aws:x": ["b", "c"]}]}'}},
            "aws_cloudwatch_metric_alarm": {"a": {"dimensions": {"QueueName": "q"}, "threshold": 0}},
        },
    }
    assert (
        hcl(document)
        == r"""# Written by a test

variable "topics" {
  type    = list(string)
  default = []
}

data "aws_region" "current" {}

resource "aws_scheduler_schedule" "Bill" {
  name       = "bill"
  group_name = aws_scheduler_schedule_group.jobs.name

  target {
    arn   = "arn:aws:ecs:${data.aws_region.current.id}:1:cluster/c"
    input = "{\"at\":\"<aws.scheduler.scheduled-time>\",\"cost\":\"$${PRICE}\"}"

    capacity_provider_strategy {
      capacity_provider = "FARGATE"
    }

    capacity_provider_strategy {
      weight = 2
    }
  }
}

resource "aws_iam_role" "Bill" {
  assume_role_policy = jsonencode({
    Statement = [
      {
        Action  = "a"
        "aws:x" = ["b", "c"]
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "a" {
  dimensions = {
    QueueName = "q"
  }
  threshold = 0
}
"""
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"C:\bin\form", r"C:\\bin\\form"),
        ("a\b\f\n\t", r"a\u0008\u000c\n\t"),
        ("\\\b", r"\\\u0008"),
        ('"<<EOT" é', r"\"<<EOT\" é"),
    ],
)
def test_each_character_of_a_text_is_kept(text: str, written: str) -> None:
    assert hcl({"data": {"a": {"b": {"c": text}}}, "resource": {}, "//": "x"}).endswith(f'c = "{written}"\n}}\n')


def test_every_job_of_the_project_is_there() -> None:
    text = exported("--hcl")
    assert text.count('resource "aws_scheduler_schedule" "') == text.count('resource "aws_iam_role" "') == 6
    assert "<aws.scheduler.scheduled-time>" in text
    assert 'resource "aws_cloudwatch_metric_alarm" "jobs_dead_letters"' in text
    assert "alarm_actions       = var.alarm_actions" in text


@pytest.mark.skipif(not shutil.which("terraform"), reason="there is no terraform on this machine")
def test_terraform_accepts_the_form(tmp_path: Path) -> None:
    file = tmp_path / "jobs.tf"
    file.write_text(exported("--hcl"))
    done = subprocess.run(  # noqa: S603 # the terraform of this machine
        [str(shutil.which("terraform")), "fmt", "-check", "-diff", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("options", [(), ("--hcl", "--terraform")])
def test_one_format_is_chosen(options: tuple[str, ...]) -> None:
    done = CliRunner().invoke(jobs_app, ["export", *options, "--file", str(ROOT / "jobs.toml")])
    assert done.exit_code == 2
    assert "Choose one format: --terraform or --hcl." in done.output
