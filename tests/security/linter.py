"""A security linter over the templates, as CloudFormation gets them: `python -m tests.security.linter`.

cfripper (https://github.com/Skyscanner/cfripper) checks roles, policies, queues and topics: wildcards, public access,
privilege escalation. It doesn't know SAM, so the templates are translated first. A template with planted faults is
checked beside them: a linter that finds nothing there is broken.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import ROOT

LINTER = ROOT / ".tools/security/bin/cfripper"
TEMPLATES = (ROOT / "template.yaml", *sorted((ROOT / "schedules").glob("*.yaml")))
EVERYTHING_ON = {
    "Cluster": "app-prod",
    "HoldSchedules": "all",
    "SlackSecretArn": "arn:aws:secretsmanager:eu-west-2:111122223333:secret:slack-abcdef",
    "SlackSigningSecretArn": "arn:aws:ssm:eu-west-2:111122223333:parameter/slack/signing",
    "CanarySchedule": "rate(1 day)",
    "AlertEmail": "a@example.org",
}
"""Parameters with which every conditional resource exists."""
_LISTED = "The service authorizes listing only on all resources."
ACCEPTED: Mapping[tuple[str, str, str], str] = {
    ("WildcardResourceRule", "ReadSchedules", "scheduler:ListSchedules"): _LISTED,
    ("WildcardResourceRule", "DeployStateRole", "scheduler:ListSchedules"): _LISTED,
    ("WildcardResourceRule", "FailureAlertRole", "dynamodb:ListStreams"): _LISTED,
    ("WildcardResourceRule", "SeeRuns", "ecs:ListTasks"): f"{_LISTED} A condition narrows it to the cluster.",
}
"""Rule, resource and action of a finding, and why it stays."""
PLANTED: Mapping[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        "Admin": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]
                },
                "Policies": [
                    {
                        "PolicyName": "all",
                        "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
                    }
                ],
            },
        },
        "Open": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": ["q"],
                "PolicyDocument": {
                    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]
                },
            },
        },
    },
}
FOUND_THERE = frozenset({"Admin", "Open"})


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    resource: str
    action: str
    """``""`` if the finding is about the whole resource."""
    reason: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.resource, self.action


def translated(template: Path) -> Any:
    """The template as SAM hands it to CloudFormation."""
    from samtranslator.translator.transform import transform  # type: ignore[import-untyped]  # noqa: PLC0415 # a second
    from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # noqa: PLC0415 # as above

    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it counts what it translates, for no one
    raw = yaml_parse(template.read_text(encoding="utf-8"))
    for resource in raw["Resources"].values():
        match resource["Type"]:
            case "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://bucket/key"
            case "AWS::Serverless::Application":
                resource["Properties"]["Location"] = "https://s3.amazonaws.com/bucket/key"
    return transform(raw, {}, _NoManagedPolicies())


class _NoManagedPolicies:
    """SAM asks for AWS's managed policies, which the templates don't use."""

    def load(self) -> Mapping[str, str]:
        return {}


def findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Of the linter's report on one template."""
    if report["exceptions"]:
        raise SystemExit(f"the linter failed: {report['exceptions']}")
    for each in report["failures"]:
        for resource in each["resource_ids"] or [""]:
            for action in each["actions"] or [""]:
                yield Finding(each["rule"], resource, action, each["reason"])


def verdict(reports: Sequence[Mapping[str, Any]], planted: Mapping[str, Any]) -> list[str]:
    """What is wrong, a sentence each."""
    found = [finding for report in reports for finding in findings(report)]
    missed = FOUND_THERE - {each.resource for each in findings(planted)}
    return [
        *(f"{each.resource}: {each.reason} ({each.rule}). Narrow it." for each in found if each.key not in ACCEPTED),
        *(f"{' '.join(key)}: accepted, but no longer found." for key in ACCEPTED if key not in {f.key for f in found}),
        *(f"The linter no longer finds the fault planted in {name}." for name in sorted(missed)),
    ]


def main() -> int:
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-2")
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.json") for number in range(len(TEMPLATES) + 1)]
        for file, template in zip(files, [*map(translated, TEMPLATES), PLANTED], strict=True):
            file.write_text(json.dumps(template), encoding="utf-8")
        parameters = Path(folder, "parameters.json")
        parameters.write_text(json.dumps(EVERYTHING_ON), encoding="utf-8")
        options = ["--resolve", "--resolve-parameters", str(parameters), "--format", "json", "--logging", "ERROR"]
        done = subprocess.run(  # noqa: S603 # the pinned tool
            [LINTER, *files, *options], capture_output=True, text=True, timeout=300, check=False
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if len(lines) != len(files):
        raise SystemExit(f"{LINTER.name} answered with {done.returncode}: {done.stderr[-2000:]}")
    *reports, planted = map(json.loads, lines)
    wrong = verdict(reports, planted)
    said = wrong or [f"{len(TEMPLATES)} templates: no finding but {len(ACCEPTED)} accepted ones."]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
