"""`cronmend upgrade`: what changes is shown first."""

import pytest

from cli.installing.upgrade import refusal
from tests.cli.installing.conftest import Command
from tests.cli.installing.fake_account import FakeCloudFormation, change, end

DEPLOYED = {
    "Cluster": "app",
    "Architecture": "arm64",
    "PolicySource": "published",
    "ArtifactBucket": "ours",
    "Gone": "1",
}


def stack(version: str = "0.0.9", **parameters: str) -> FakeCloudFormation:
    return FakeCloudFormation(
        "UPDATE_COMPLETE",
        DEPLOYED | parameters,
        {"Version": version},
        [
            change("Add", "New"),
            change("Modify", "Rule", "False"),
            change("Modify", "Ledger", "True"),
            change("Remove", "Old"),
        ],
        then=[[end("UPDATE_COMPLETE")]],
    )


def test_a_table_shows_first_what_goes_or_is_replaced_and_then_it_asks(command: Command) -> None:
    fake = stack()
    done = command(fake, "upgrade", typed="y\n")
    assert done.exit_code == 0, done.output
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:5]] == [
        ["Modify", "Ledger"],
        ["Remove", "Old"],
        ["Modify", "Rule"],
        ["Add", "New"],
    ]
    assert "Cronmend 0.0.9 → 0.1.0: 4 changes." in done.output
    assert fake.done == ["executed"]


def test_parameters_stay_as_they_are_but_those_that_are_given_and_those_that_are_gone(command: Command) -> None:
    fake = stack()
    command(fake, "upgrade", "--parameter", "Mode=shadow", "--yes")
    found = {
        each["ParameterKey"]: each.get("ParameterValue", each.get("UsePreviousValue"))
        for each in fake.asked["Parameters"]
    }
    del found["FunctionsKey"]
    kept = {"Cluster": True, "Architecture": True, "PolicySource": True}
    assert "Tags" not in fake.asked  # CloudFormation then keeps them
    assert found == {**kept, "Mode": "shadow", "ArtifactBucket": "ours"}


@pytest.mark.parametrize(("options", "typed"), [((), "n\n"), ((), "")])
def test_without_a_yes_the_change_set_is_dropped(options: tuple[str, ...], typed: str, command: Command) -> None:
    fake = stack()
    assert command(fake, "upgrade", *options, typed=typed).exit_code == 1
    assert fake.done == ["dropped"]


def test_a_dry_run_only_shows(command: Command) -> None:
    fake = stack()
    done = command(fake, "upgrade", "--dry-run")
    assert (done.exit_code, fake.done) == (0, ["dropped"])
    assert "Ledger" in done.stdout


def test_a_stack_of_this_release_is_up_to_date(command: Command) -> None:
    fake = stack("0.1.0")
    fake.reason = "The submitted information didn't contain changes."
    done = command(fake, "upgrade")
    assert (done.exit_code, fake.done) == (0, ["dropped"])
    assert "is up to date: Cronmend 0.1.0." in done.output


@pytest.mark.parametrize(
    ("version", "changed", "reason"),
    [
        ("0.10.0", {}, "newer than this command"),
        ("0.1.0", {"DeploySchedules": "true"}, "which a release would delete"),
        ("0.1.0", {"PolicySource": "packaged"}, "has its policies and routes in its package"),
    ],
)
def test_a_release_that_would_take_something_away_is_refused(
    version: str, changed: dict[str, str], reason: str, command: Command
) -> None:
    assert reason in refusal(version, "0.9.0", DEPLOYED | changed)
    fake = stack(version if version == "0.10.0" else "0.1.0", **changed)
    done = command(fake, "upgrade", "--yes")
    assert (done.exit_code, fake.asked) == (1, {})
    assert reason in " ".join(done.output.split())


@pytest.mark.parametrize("changed", [{}, {"DeploySchedules": "true", "SchedulesUrl": "https://…/schedules.yaml"}])
def test_any_other_stack_may_be_upgraded(changed: dict[str, str]) -> None:
    assert refusal("0.9.0", "0.10.0", DEPLOYED | changed) == ""


def test_the_schedules_of_jobs_deploy_stay_as_they_are(command: Command) -> None:
    fake = stack(DeploySchedules="true", SchedulesUrl="https://…/schedules.yaml")
    assert command(fake, "upgrade", "--yes").exit_code == 0
    kept = {each["ParameterKey"] for each in fake.asked["Parameters"] if each.get("UsePreviousValue")}
    assert {"DeploySchedules", "SchedulesUrl"} <= kept


def test_no_stack_is_an_error(command: Command) -> None:
    done = command(FakeCloudFormation(), "upgrade", "--yes")
    assert done.exit_code == 1
    assert "No stack named 'cronmend'" in done.output
