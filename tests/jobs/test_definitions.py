"""What jobs.toml deploys, as the functions keep it."""

import json
from typing import Any

import pytest

from cli.jobs.answers import Home
from cli.jobs.built_files import DEPLOYED, built_files
from cli.jobs.differences import api_schedule
from cli.jobs.job import jobs_of
from cli.toml_files.source import Source, load
from cronmend.adapters.schedules import live_schedule
from cronmend.errors import Permanent
from cronmend.jobs import definitions
from cronmend.jobs.definitions import Deployed
from cronmend.model import LiveSchedule
from tests import ROOT

HOME = Home("123456789012", "eu-central-1")


def test_the_bundled_definitions_are_those_of_the_schedules_that_the_template_creates() -> None:
    source: Source = load(ROOT / "jobs.toml")
    known = definitions.read(built_files(source)[DEPLOYED])
    assert known == definitions.read(definitions.PATH.read_text(encoding="utf-8"))
    for job in jobs_of(source.tables):
        raw: Any = {**api_schedule(job, HOME), "StartDate": job.start, "EndDate": job.end}
        live = live_schedule(job.id, raw)
        assert isinstance(live, LiveSchedule)
        assert (
            list(definitions.differences(known[job.id].definition, definitions.of_schedule(live), follows=False)) == []
        )


def test_what_is_written_is_what_is_read() -> None:
    deployed = Deployed(enabled=False, definition={"schedule": "rate(1 hour)"})
    assert definitions.read(definitions.write([("a/b", deployed)])) == {"a/b": deployed}


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', '{"version": 1, "jobs": {"a/b": {}}}', '{"version": 1}'])
def test_a_file_of_another_form_says_how_to_write_it_again(text: str) -> None:
    with pytest.raises(Permanent, match="jobs build"):
        definitions.read(text)


def test_no_value_of_the_environment_is_written() -> None:
    assert "DJANGO" not in json.dumps(json.loads(definitions.PATH.read_text(encoding="utf-8")))
