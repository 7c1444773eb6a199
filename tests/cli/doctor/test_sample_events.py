"""The made-up events match the patterns of the template's rules, and no longer match a changed one."""

import json

import pytest

from cli.doctor.sample_events import samples
from tests.cli.doctor.canned import CannedStack
from tests.test_template import TEMPLATE, event_pattern, events_of, flattened

PATTERNS = {
    **{name: each["EventPattern"] for name, each in TEMPLATE.of_type("AWS::Events::Rule").items()},
    **{
        f"{function}{name}": event["Properties"]["Pattern"]
        for function in TEMPLATE.functions
        for name, event in events_of(function).items()
        if event["Type"] == "EventBridgeRule"
    },
}
WITHOUT_SAMPLE = {"DeployStateFunctionPipelineRan", "DeployStateFunctionCodeDeployed"}
"""Their patterns match every event of a service."""


def test_each_rule_that_watches_something_of_the_stack_has_an_event() -> None:
    assert set(samples(CannedStack())) == PATTERNS.keys() - WITHOUT_SAMPLE


@pytest.mark.parametrize("rule", sorted(PATTERNS.keys() - WITHOUT_SAMPLE))
def test_its_event_matches(rule: str) -> None:
    event = flattened(json.loads(samples(CannedStack())[rule]))
    assert event_pattern(PATTERNS[rule]).matches_event(event)
    event["source"] = "made.up"
    assert not event_pattern(PATTERNS[rule]).matches_event(event)
