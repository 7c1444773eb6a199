"""Schedules that someone deploys into a running account are repaired before the scheduler reads them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from local import schedules
from local.aws import Endpoints
from local.schedules import PROPOSED, Repairs


@dataclass
class Stacks:
    """CloudFormation, as far as it lists stacks."""

    known: list[dict[str, str]] = field(default_factory=list)

    @property
    def cloudformation(self) -> "Stacks":
        return self

    def get_paginator(self, name: str) -> "Stacks":
        assert name == "describe_stacks"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Stacks": self.known}]

    def are(self, status: str, updated: str = "") -> None:
        self.known[:] = [{"StackName": "cronmend", "StackStatus": status, "LastUpdatedTime": updated}]


def test_each_deploy_is_repaired_once_and_none_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    repaired: list[str] = []
    monkeypatch.setattr(schedules, "repair", lambda *_: repaired.append(stacks.known[0]["StackStatus"]))
    stacks: Any = Stacks()
    stacks.are(PROPOSED)
    repairs = Repairs(Endpoints("http://aws", "http://ecs"), stacks)
    assert repairs.are_done()
    stacks.are("CREATE_IN_PROGRESS")
    assert not repairs.are_done()
    stacks.are("CREATE_COMPLETE")
    assert (repairs.are_done(), repairs.are_done()) == (True, True)
    stacks.are("CREATE_COMPLETE", "later")
    assert repairs.are_done()
    assert repaired == [PROPOSED, "CREATE_COMPLETE", "CREATE_COMPLETE"]
