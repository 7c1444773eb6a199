from datetime import timedelta
from typing import Any

import pytest

from cli.installing.change_set import Change, Deployment
from cli.on_call.stack import CommandError
from tests.cli.installing.fake_account import ARN, STARTED, FakeCloudFormation, change, end, event, nested


def deployment(cloudformation: FakeCloudFormation) -> Deployment:
    return Deployment(cloudformation, "cronmend", lambda _: None)


def test_its_changes_are_known_before_anything_changes() -> None:
    fake = FakeCloudFormation("CREATE_COMPLETE", changes=[change("Modify", "Ledger", "True"), change("Remove", "Old")])
    arn = deployment(fake).propose("https://…", [], {}, is_new=False)
    assert list(deployment(fake).changes(arn)) == [
        Change("Modify", "Ledger", "AWS::X::Y", "True"),
        Change("Remove", "Old", "AWS::X::Y", ""),
    ]
    assert fake.done == []


@pytest.mark.parametrize(
    "reason", ["The submitted information didn't contain changes.", "No updates are to be performed."]
)
def test_nothing_to_change_is_no_error_and_leaves_no_change_set(reason: str) -> None:
    fake = FakeCloudFormation("CREATE_COMPLETE", reason=reason)
    assert deployment(fake).propose("https://…", [], {}, is_new=False) == ""
    assert fake.done == ["dropped"]


def test_a_change_set_that_can_not_be_made_says_why_and_leaves_no_empty_stack() -> None:
    fake = FakeCloudFormation(reason="Parameter Mode failed to satisfy constraint")
    with pytest.raises(CommandError, match="Parameter Mode failed"):
        deployment(fake).propose("https://…", [], {}, is_new=True)
    assert fake.done == ["dropped", "deleted"]


def test_an_execution_ends_with_an_event_of_the_stack_that_is_new() -> None:
    """The stack's status, and its older events, say that it is complete before it has begun."""
    started = [event("RerunQueue", "UPDATE_IN_PROGRESS")]
    fake = FakeCloudFormation("UPDATE_COMPLETE", then=[[], started, [], [end("UPDATE_COMPLETE")]])
    shown: list[str] = []
    deployment(fake).execute("…", shown.append)
    assert shown == ["RerunQueue", "cronmend"]
    assert fake.then == []


def test_a_failure_names_the_resources_that_failed_first() -> None:
    events: list[list[dict[str, Any]]] = [
        [event("Topic", "CREATE_FAILED", "Resource creation cancelled")],
        [event("RerunFunction", "CREATE_FAILED", "ReservedConcurrentExecutions is too low", "AWS::Lambda::Function")],
        [end("ROLLBACK_IN_PROGRESS")],
        [end("ROLLBACK_COMPLETE")],
    ]
    fake = FakeCloudFormation("REVIEW_IN_PROGRESS", then=events)
    with pytest.raises(CommandError) as caught:
        deployment(fake).execute("…", lambda _: None)
    assert str(caught.value).splitlines() == [
        "The stack 'cronmend' ended as ROLLBACK_COMPLETE.",
        "  RerunFunction (AWS::Lambda::Function): ReservedConcurrentExecutions is too low",
    ]


def test_a_nested_stack_that_failed_is_named_by_the_causes_in_it() -> None:
    """CloudFormation only says "not successfully created" of it. Its events of an earlier deploy are no cause."""
    first, second = f"{ARN}-Schedules", f"{ARN}-Schedules-MoreJobs2"
    before = STARTED - timedelta(days=1)
    fake = FakeCloudFormation(
        "UPDATE_COMPLETE",
        then=[[event("A", "UPDATE_IN_PROGRESS"), nested("Schedules", first, "UPDATE_FAILED", "Embedded stack failed")]],
        nested_events={
            first: [
                event("Old", "CREATE_FAILED", "a name is taken", at=before),
                event("Queue", "CREATE_FAILED", "Resource creation cancelled"),
                nested("MoreJobs2", second, "CREATE_FAILED", "Embedded stack failed"),
                nested("Schedules", first, "UPDATE_ROLLBACK_IN_PROGRESS"),
            ],
            second: [event("ReportSchedule", "CREATE_FAILED", "report already exists", "AWS::Scheduler::Schedule")],
        },
    )
    fake.then.append([end("UPDATE_ROLLBACK_COMPLETE")])
    with pytest.raises(CommandError) as caught:
        deployment(fake).execute("…", lambda _: None)
    assert str(caught.value).splitlines()[1:] == ["  ReportSchedule (AWS::Scheduler::Schedule): report already exists"]


def test_a_nested_stack_whose_events_have_no_cause_is_named_itself() -> None:
    failed = [nested("Schedules", f"{ARN}-Schedules", "CREATE_FAILED", "Access denied"), end("ROLLBACK_COMPLETE")]
    fake = FakeCloudFormation("CREATE_COMPLETE", then=[failed], nested_events={f"{ARN}-Schedules": []})
    with pytest.raises(CommandError, match=r"Schedules \(AWS::CloudFormation::Stack\): Access denied"):
        deployment(fake).execute("…", lambda _: None)


def test_the_resources_that_could_not_be_deleted_are_named() -> None:
    events = [[event("Group", "DELETE_FAILED", "not empty"), end("DELETE_FAILED")]]
    with pytest.raises(CommandError, match=r"Group .*not empty"):
        deployment(FakeCloudFormation("CREATE_COMPLETE", then=events)).delete(lambda _: None)


def test_a_stack_that_never_ends_is_an_error() -> None:
    with pytest.raises(CommandError, match="isn't done after an hour"):
        deployment(FakeCloudFormation("CREATE_COMPLETE")).delete(lambda _: None)
