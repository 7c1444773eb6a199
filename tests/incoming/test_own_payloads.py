"""What ``deploy_state`` passes on to itself."""

from typing import Any

import pytest

from cronmend.deploys.holds import Part
from cronmend.errors import BadEvent
from cronmend.incoming import deploy_events
from cronmend.incoming.own_payloads import PARTS, continued, part_of
from tests.samples import event

MARKER = "deploy_state/marker_started.json"


def test_an_event_is_continued_in_parts_and_each_part_by_itself() -> None:
    whole = event(MARKER)
    parts = continued(whole)
    assert [part_of(each) for each in parts] == [Part(number, PARTS) for number in range(PARTS)]
    assert {deploy_events.deploy_event(each) for each in parts} == {deploy_events.deploy_event(whole)}
    assert continued(parts[1]) == [parts[1]]


def test_an_event_of_aws_is_whole() -> None:
    assert part_of(event(MARKER)) == Part()


@pytest.mark.parametrize("part", [4, {}, {"number": 4, "of": 4}, {"number": 0, "of": 0}, {"number": "x", "of": 4}])
def test_a_part_in_another_form_is_a_bad_event(part: Any) -> None:
    with pytest.raises(BadEvent, match="not a valid part of a deploy event"):
        part_of({**event(MARKER), "part": part})
