"""What the stack's parameters mean for the findings."""

from pathlib import Path

import pytest

from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.jobs.schedule_findings import Intent
from cronmend.model import Follow
from cronmend.use_cases.reconciling.schedule_findings import ScheduleFindings
from cronmend.wiring import reconcile
from tests.samples import JOB
from tests.wiring.test_handlers import ENVIRONMENT


def intent(follow: str) -> Intent:
    sources = reconcile.findings_use_case({**ENVIRONMENT, "FOLLOW": follow}).sources
    (found,) = [each.intent for each in sources if isinstance(each, ScheduleFindings)]
    return found


@pytest.mark.parametrize(("follow", "moved"), [("none", False), ("listed", True), ("all", True)])
def test_a_revision_is_cronmends_own_change_only_if_the_stack_lets_schedules_follow(
    follow: str, moved: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "jobs.json"
    listed.write_text(policies.write(Policies({JOB: JobPolicy(JOB, follow=Follow.SERVICE)})), encoding="utf-8")
    monkeypatch.setattr(policies, "PATH", listed)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    assert intent(follow).follows(JOB) is moved
    assert intent(follow).follows("site/unlisted") is (follow == "all")
