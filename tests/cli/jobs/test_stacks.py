"""Thousands of jobs in nested stacks: within CloudFormation's limits, and no job ever moves to another stack."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.jobs import template
from cli.jobs.app import jobs_app
from cli.jobs.built_files import built_files
from cli.jobs.job import Job, jobs_of
from cli.jobs.stacks import FIRST, MOST_BYTES, MOST_JOBS, path_of, placed, recorded, within_limit
from cli.toml_files.source import load
from cronmend.errors import Permanent
from tests.cli.jobs.samples import SMALLEST
from tests.cli.jobs.test_round_trip import Loader

RUN = CliRunner()
HEAD = SMALLEST[: SMALLEST.index("[jobs.")]


def text(names: Iterable[str], words: int = 3) -> str:
    command = [f"word-{number}" for number in range(words)]
    return HEAD + "\n".join(f'[jobs.{name}]\nschedule = "cron(0 * * * ? *)"\ncommand = {command}' for name in names)


def names(number: int, prefix: str = "job") -> list[str]:
    return [f"{prefix}-{each:04}" for each in range(number)]


def write(root: Path, content: str) -> None:
    (root / "jobs.toml").write_text(content)
    result = RUN.invoke(jobs_app, ["build", "--file", str(root / "jobs.toml"), "--root", str(root)])
    assert result.exit_code == 0, result.output


def resources(root: Path, stack: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.load((root / path_of(stack)).read_text(), Loader)["Resources"]  # noqa: S506
    return found


def test_two_thousand_jobs_are_within_cloudformations_limits(tmp_path: Path) -> None:
    write(tmp_path, text(names(2000), words=8))
    built = sorted((tmp_path / "schedules").iterdir())
    assert len(built) == 10
    assert max(path.stat().st_size for path in built) < MOST_BYTES
    assert sorted(recorded(tmp_path)) == names(2000)
    counts = [path.read_text().count("\n    Type: AWS::") for path in built]
    assert max(counts) <= 500


def test_the_first_stack_hands_its_group_and_queue_to_the_others(tmp_path: Path) -> None:
    write(tmp_path, text(names(MOST_JOBS + 1)))
    nested = resources(tmp_path, 1)["MoreJobs2"]
    assert (nested["Type"], nested["Properties"]["TemplateURL"]) == ("AWS::CloudFormation::Stack", "template-2.yaml")
    further = yaml.load((tmp_path / path_of(2)).read_text(), Loader)  # noqa: S506 - a safe loader
    assert nested["Properties"]["Parameters"].keys() == further["Parameters"].keys()
    kinds = [each["Type"] for each in further["Resources"].values()]
    assert kinds == ["AWS::IAM::Role", "AWS::Scheduler::Schedule"]


def test_few_jobs_need_no_other_stack(tmp_path: Path) -> None:
    write(tmp_path, text(names(MOST_JOBS)))
    assert [path.name for path in (tmp_path / "schedules").iterdir()] == ["template.yaml"]


def test_no_job_moves_when_others_come_and_go(tmp_path: Path) -> None:
    write(tmp_path, text(names(MOST_JOBS + 50, "m")))
    before = recorded(tmp_path)
    write(tmp_path, text([*names(MOST_JOBS + 50, "m")[10:], *names(MOST_JOBS, "a"), *names(5, "z")]))
    after = recorded(tmp_path)
    assert {name: after[name] for name in before if name in after} == {
        name: stack for name, stack in before.items() if name in after
    }
    assert set(after.values()) == {1, 2, 3}


def test_a_stack_without_jobs_is_removed_and_checked_for(tmp_path: Path) -> None:
    write(tmp_path, text(names(MOST_JOBS + 1)))
    options = ["build", "--check", "--file", str(tmp_path / "jobs.toml"), "--root", str(tmp_path)]
    assert RUN.invoke(jobs_app, options).exit_code == 0
    (tmp_path / "jobs.toml").write_text(text(names(MOST_JOBS)))
    result = RUN.invoke(jobs_app, options)
    assert (result.exit_code, "template-2.yaml has no jobs any more" in " ".join(result.output.split())) == (1, True)
    write(tmp_path, text(names(MOST_JOBS)))
    assert not (tmp_path / path_of(2)).exists()
    assert "MoreJobs2" not in resources(tmp_path, 1)


def test_a_check_after_a_build_finds_every_file_current(tmp_path: Path) -> None:
    write(tmp_path, text(names(MOST_JOBS + 1)))
    source = load(tmp_path / "jobs.toml")
    assert all((tmp_path / path).read_text() == content for path, content in built_files(source, root=tmp_path).items())


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 5000), max_size=30), st.integers(0, 30), st.integers(1, 5000))
def test_large_jobs_fill_a_stack_sooner_and_stay(sizes: list[int], known: int, large: int) -> None:
    jobs = jobs_of({"jobs": {f"j{number}": {"schedule": "rate(1 day)"} for number in range(len(sizes))}})
    weights = {f"j{number}": size * large for number, size in enumerate(sizes)}

    def size(job: Job) -> int:
        return weights[job.name]

    first = placed([job for job in jobs if int(job.name[1:]) < known], {}, size)
    record = {job.name: number for number, each in first.items() for job in each}
    then = placed(jobs, record, size)
    assert sorted(job.name for each in then.values() for job in each) == sorted(job.name for job in jobs)
    assert all(job.name in {one.name for one in then[number]} for number, each in first.items() for job in each)


def test_names_of_every_form_are_found_again(tmp_path: Path) -> None:
    odd = ["9", "1e3", "yes", "null", "0x1F", "2026-01-01", "a.b", "_x", "-y"]
    write(tmp_path, HEAD + "\n".join(f'[jobs."{name}"]\nschedule = "cron(0 * * * ? *)"' for name in odd))
    assert sorted(recorded(tmp_path)) == sorted(odd)


def test_a_template_that_has_grown_too_large_is_refused() -> None:
    assert within_limit(FIRST, "x" * MOST_BYTES)
    with pytest.raises(Permanent, match="1,000,001 bytes, but CloudFormation accepts 1,000,000"):
        within_limit(FIRST, "x" * (MOST_BYTES + 1))


def test_the_size_of_a_job_is_what_it_adds_to_a_template() -> None:
    one, two = (jobs_of({"jobs": {name: {"schedule": "rate(1 day)"} for name in names(count)}}) for count in (1, 2))
    added = len(template.further(two, "g")) - len(template.further(one, "g"))
    assert abs(template.size(one[0]) - added) < 100
