"""What the next runs need is described once for all jobs, and what isn't known keeps what was found before."""

from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field

import pytest

from cronmend.errors import Retryable
from cronmend.model import Missing
from cronmend.model.findings import FindingKind, Looked
from cronmend.model.needs import GONE, Described, Need, NeedKind
from cronmend.model.runs import TaskDefinition
from cronmend.use_cases.reconciling.in_use import InUseReader
from cronmend.use_cases.reconciling.needs import NeedsOfRuns
from local.memory.timetables import MemoryTimetables
from tests.fakes import NOW
from tests.jobs.test_foresight import timetable
from tests.samples import JOB, definition

URL = Need(NeedKind.PARAMETER, "/app/url")


@dataclass
class Account:
    known: MemoryTimetables = field(default_factory=lambda: MemoryTimetables({JOB: timetable()}))
    definitions: dict[str, TaskDefinition] = field(default_factory=dict)
    answers: dict[Need, Described | Missing] = field(default_factory=dict)
    asked: list[Sequence[Need]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    away: bool = False

    def __post_init__(self) -> None:
        self.definitions |= {"webapp:1": replace(definition(1), start_reads=("/app/url",))}

    def get(self, reference: str) -> TaskDefinition | Missing:
        self.reads.append(reference)
        return self.definitions.get(reference.rsplit("/", 1)[-1], Missing("there is no such task definition"))

    def described(self, needs: Sequence[Need]) -> Mapping[Need, Described | Missing]:
        if self.away:
            raise Retryable("Systems Manager didn't answer")
        self.asked.append(needs)
        return {each: self.answers.get(each, Described()) for each in needs}

    def look(self, *kinds: NeedKind) -> Looked:
        in_use = InUseReader(self.known, self, families=True)
        return NeedsOfRuns(in_use, self, frozenset(kinds or NeedKind)).look(NOW)


def test_each_need_is_described_once_however_many_jobs_have_it() -> None:
    it = Account()
    it.known.rows["site/other"] = replace(timetable(), job="site/other")
    assert it.look() == Looked()
    assert (it.asked, len(it.reads)) == ([[URL]], 1)


def test_what_is_gone_is_found_for_each_job_that_needs_it() -> None:
    it = Account(answers={URL: GONE})
    it.known.rows["site/other"] = replace(timetable(), job="site/other")
    found = it.look().findings
    assert [(each.job, each.kind) for each in found] == [
        (JOB, FindingKind.SECRET),
        ("site/other", FindingKind.SECRET),
    ]


def test_a_family_without_a_revision_is_read_too() -> None:
    it = Account(MemoryTimetables({JOB: timetable(revision=None)}), answers={URL: GONE})
    it.definitions["webapp"] = it.definitions["webapp:1"]
    assert [each.job for each in it.look().findings] == [JOB]


def test_what_aws_denies_keeps_what_is_known_and_is_said() -> None:
    it = Account(answers={URL: Missing("AWS denied ssm:DescribeParameters to Cronmend's role")})
    assert it.look() == Looked((), frozenset({JOB}), ("AWS denied ssm:DescribeParameters to Cronmend's role",))
    it.definitions.clear()
    assert it.look().unread == {JOB}
    it.definitions, it.away = {"webapp:1": definition(1)}, True
    with pytest.raises(Retryable):
        it.look()


def test_nothing_is_read_and_nothing_stays_if_the_stack_foresees_nothing() -> None:
    it = Account(answers={URL: GONE})
    in_use = InUseReader(it.known, it)
    assert NeedsOfRuns(in_use, it, frozenset()).look(NOW) == Looked()
    assert (it.asked, it.reads) == ([], [])


def test_one_look_asks_for_a_bounded_number() -> None:
    it = Account()
    names = [f"/app/{number}" for number in range(101)]
    it.definitions["webapp:1"] = replace(definition(1), start_reads=tuple(names))
    assert it.look(NeedKind.PARAMETER).unread == {JOB}
    assert [len(each) for each in it.asked] == [100]


def test_a_rule_that_an_event_triggers_and_a_disabled_schedule_need_nothing_at_a_time() -> None:
    it = Account(answers={URL: GONE})
    it.known.rows["rule/on-upload"] = replace(timetable(), job="rule/on-upload", expression="")
    it.known.rows["site/other"] = replace(timetable(), job="site/other", enabled=False)
    assert [each.job for each in it.look().findings] == [JOB]
