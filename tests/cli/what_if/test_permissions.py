"""The policy in the docs allows what the command calls, and nothing but reads."""

import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.what_if.app import Question, asked, sources
from cli.what_if.permissions import policy
from cronmend.errors import Permanent
from tests import ROOT
from tests.cli.what_if.account import InventedAccount
from tests.cli.what_if.invented import END

ACTIONS = policy()["Statement"][0]["Action"]
SOME = Question(since=(END - timedelta(hours=5)).isoformat())


def gaps(account: InventedAccount) -> list[str]:
    found: list[str] = asked(SOME, sources(account.session(), 1_000, lambda _: None), END)["gaps"]
    return found


def test_the_policy_in_the_docs_is_the_one_that_is_printed() -> None:
    printed = CliRunner().invoke(app, ["what-if", "--permissions"]).stdout
    assert json.loads(printed) == json.loads((ROOT / "docs/what-if-policy.json").read_text(encoding="utf-8"))


def test_the_policy_allows_each_call_and_only_reads() -> None:
    account = InventedAccount()
    assert gaps(account) == []
    assert set(account.calls) <= set(ACTIONS)
    assert {"cloudtrail:LookupEvents", "logs:GetLogEvents", "ecs:DescribeServiceRevisions"} <= set(account.calls)
    assert all(action.split(":")[1].startswith(("Get", "List", "Describe", "Lookup")) for action in ACTIONS)


@pytest.mark.parametrize("operation", ["ListSchedules", "LookupEvents", "ListRules"])
def test_without_the_schedules_or_the_events_the_error_names_the_action(operation: str) -> None:
    action = next(each for each in ACTIONS if each.endswith(operation))
    with pytest.raises(Permanent, match=rf"AWS denied {action} to your credentials\. Allow what"):
        gaps(InventedAccount(denied=frozenset({operation})))


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("GetSchedule", "4 schedules couldn't be read"),
        ("GetLogEvents", "AWS denied logs:GetLogEvents"),
        ("ListServices", "no failure counts as a deploy's"),
        ("ListServiceDeployments", "ecs:ListServiceDeployments"),
        ("DescribeServiceRevisions", "ecs:DescribeServiceRevisions"),
        ("DescribeTaskDefinition", "ecs:DescribeTaskDefinition"),
    ],
)
def test_what_else_may_not_be_read_is_told(operation: str, said: str) -> None:
    assert said in " ".join(gaps(InventedAccount(denied=frozenset({operation}))))


class AccountWithoutItsCluster(InventedAccount):
    def _list_services(self, request: Any) -> dict[str, Any]:
        return {"Error": {"Code": "ClusterNotFoundException", "Message": "Cluster not found."}}


def test_a_cluster_that_was_deleted_since_costs_no_other_its_deployments() -> None:
    assert gaps(AccountWithoutItsCluster()) == []
