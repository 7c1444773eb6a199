"""Which services' histories are read, and what is left of one that ECS no longer describes in full."""

from typing import Any

from cli.what_if.services import ServiceReader
from cronmend.model import Missing
from tests.cli.what_if.account import InventedAccount
from tests.cli.what_if.invented import CLUSTER, DEPLOYS, END, FAMILY, START, Truth


def read(account: InventedAccount, family: str = FAMILY) -> Any:
    return ServiceReader(account.session().client("ecs")).read((CLUSTER,), {family}, set(), START)


def test_a_service_that_runs_other_code_costs_no_history() -> None:
    account = InventedAccount()
    assert read(account, "other") == ()
    assert not account.calls["ecs:ListServiceDeployments"]


def test_only_what_follows_a_revision_that_is_gone_is_known() -> None:
    class Forgetful(InventedAccount):
        def _describe_service_revisions(self, request: Any) -> dict[str, Any]:
            answer = super()._describe_service_revisions(request)
            kept = [each for each in answer["serviceRevisions"] if not each["serviceRevisionArn"].endswith("/5")]
            return {"serviceRevisions": kept}

    (found,) = read(Forgetful())
    gone = next(each for each in DEPLOYS if each.revision == 5)
    assert found.rollouts[0].target.task_definition.revision == 6
    assert found.before is None
    assert found.at(gone.ended) is None
    assert found.at(END)


def test_a_service_with_too_many_deployments_is_missing() -> None:
    class Endless(InventedAccount):
        def _list_service_deployments(self, request: Any) -> dict[str, Any]:
            return {**super()._list_service_deployments(request), "nextToken": "more"}

    found = read(Endless(Truth()))
    assert isinstance(found, Missing)
    assert "more than 1000 deployments" in found.reason
