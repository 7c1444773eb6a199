"""What the security linter's findings come to. The linter itself runs in `make security`."""

from typing import Any

import pytest

from tests.security.linter import ACCEPTED, FOUND_THERE, TEMPLATES, translated, verdict


def report(*findings: tuple[str, str, str]) -> dict[str, Any]:
    failures = [
        {"rule": rule, "resource_ids": [resource], "actions": [action] if action else [], "reason": "too wide"}
        for rule, resource, action in findings
    ]
    return {"exceptions": [], "failures": failures}


EXPECTED = report(*ACCEPTED)
PLANTED = report(*(("Rule", name, "") for name in FOUND_THERE))


def test_accepted_findings_alone_are_no_error() -> None:
    assert verdict([EXPECTED], PLANTED) == []


def test_any_other_finding_is() -> None:
    (wrong,) = verdict([EXPECTED, report(("WildcardResourceRule", "RerunRole", "ecs:RunTask"))], PLANTED)
    assert wrong == "RerunRole: too wide (WildcardResourceRule). Narrow it."


def test_a_reason_for_nothing_is_an_error() -> None:
    assert len(verdict([report()], PLANTED)) == len(ACCEPTED)


def test_a_linter_that_misses_planted_faults_is_broken() -> None:
    assert verdict([EXPECTED], report()) == [
        "The linter no longer finds the fault planted in Admin.",
        "The linter no longer finds the fault planted in Open.",
    ]
    with pytest.raises(SystemExit, match="the linter failed"):
        verdict([{"exceptions": ["boom"], "failures": []}], PLANTED)


def test_the_linter_gets_every_role_and_policy_of_the_templates() -> None:
    kinds = {each["Type"] for template in TEMPLATES for each in translated(template)["Resources"].values()}
    assert {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::SQS::QueuePolicy", "AWS::Lambda::Function"} <= kinds
    assert not [kind for kind in kinds if kind.startswith("AWS::Serverless")]
