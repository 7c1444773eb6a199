"""With PolicySource=published, a handler uses the published policies and routes from the next minute on."""

import os
from importlib import import_module

import boto3
import pytest

from cronmend.adapters.ledger.published import AGE, DynamoPublished, File, Published
from cronmend.alerting import routes
from cronmend.alerting.routes import Route, Routes
from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model import Policy
from cronmend.settings import Settings
from cronmend.wiring import shared
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW
from tests.kept import HANDLERS
from tests.wiring.test_handlers import ENVIRONMENT

JOB = "default/invoices"


@pytest.fixture
def published(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoPublished:
    for name, value in {**ENVIRONMENT, "POLICY_SOURCE": "published"}.items():
        monkeypatch.setenv(name, value)
    table()
    return DynamoPublished("ledger", boto3.client("dynamodb"))


def policies_with(rerun: Policy) -> str:
    return policies.write(Policies({JOB: JobPolicy(JOB, rerun=rerun)}))


def settings() -> Settings:
    return Settings.from_env(os.environ)


def test_a_use_case_is_built_again_once_its_policies_were_published(
    published: DynamoPublished, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOW]
    monkeypatch.setattr(shared.published("ledger"), "clock", lambda: now[-1])
    use_case = shared.Current(lambda: shared.policies_of(settings()).of)
    packaged = use_case()
    assert packaged(JOB).rerun is Policy.UNSTARTED
    assert published.replace(File.JOBS, Published(policies_with(Policy.SAFE), "ann", NOW))
    assert use_case() is packaged
    now.append(NOW + AGE)
    renewed = use_case()
    assert renewed(JOB).rerun is Policy.SAFE
    assert use_case() is renewed


def test_a_file_published_while_a_use_case_is_built_is_not_missed(
    published: DynamoPublished, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build may begin before the minute's end and end after it."""
    now = [NOW]
    monkeypatch.setattr(shared.published("ledger"), "clock", lambda: now[-1])

    def built() -> Policy:
        found = shared.policies_of(settings()).of(JOB).rerun
        if len(now) == 1:
            published.replace(File.JOBS, Published(policies_with(Policy.SAFE), "ann", NOW))
            now.append(NOW + AGE)
        return found

    use_case = shared.Current(built)
    assert use_case() is Policy.UNSTARTED
    assert use_case() is Policy.SAFE


def test_a_use_case_built_late_begins_with_the_latest_file(
    published: DynamoPublished, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOW]
    monkeypatch.setattr(shared.published("ledger"), "clock", lambda: now[-1])
    shared.policies_of(settings())
    assert published.replace(File.JOBS, Published(policies_with(Policy.SAFE), "ann", NOW))
    now.append(NOW + AGE)
    assert shared.Current(lambda: shared.policies_of(settings()).of)()(JOB).rerun is Policy.SAFE


def test_a_use_case_that_there_is_none_of_is_not_looked_for_again() -> None:
    """As that of the monthly report, if no route asks for it."""
    builds: list[str] = []
    use_case = shared.Current(lambda: builds.append("built"))
    assert [use_case(), use_case()] == [None, None]
    assert builds == ["built"]
    use_case.cache_clear()
    use_case()
    assert builds == ["built"] * 2


def test_routes_are_those_that_were_published(published: DynamoPublished) -> None:
    text = routes.write(Routes({"night": Route("night", channels=("sns",))}))
    assert published.replace(File.ALERTS, Published(text, "ann", NOW))
    assert "night" in shared.routes_of(settings()).routes


def test_a_stack_with_packaged_policies_reads_no_published_ones(
    published: DynamoPublished, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published.replace(File.JOBS, Published(policies_with(Policy.SAFE), "ann", NOW))
    monkeypatch.setenv("POLICY_SOURCE", "packaged")
    monkeypatch.setattr(DynamoPublished, "read", lambda *_: pytest.fail("reads the ledger"))
    assert shared.Current(lambda: shared.policies_of(settings()).of)()(JOB).rerun is Policy.UNSTARTED


@pytest.mark.parametrize("handler", sorted(HANDLERS))
def test_every_use_case_is_built_again_when_its_files_are_published(handler: str) -> None:
    """Also one that doesn't read them today."""
    built = {name: value for name, value in vars(import_module(handler)).items() if name.endswith("use_case")}
    assert built
    assert not [name for name, value in built.items() if not isinstance(value, shared.Current)]
