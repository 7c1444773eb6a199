"""One cause, one name: whatever differs between two runs that died of the same thing."""

import re
import time
from copy import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.alerting.fingerprint import MAX_LINE, cause_of, fingerprint
from cronmend.model import Category
from tests.incidents import BROKEN, RACE, after, diagnosed, of_image

WORDS = st.text(alphabet="abc xyz_.", max_size=30)


@given(WORDS, st.integers(), st.integers(), WORDS)
def test_numbers_are_equal(before: str, one: int, other: int, after: str) -> None:
    assert fingerprint(f"{before} {one} {after}") == fingerprint(f"{before} {other} {after}")


UUIDS = st.uuids().filter(lambda each: not each.hex.isalpha())
"""Without one of letters alone, which no pattern can tell from a word."""


@given(UUIDS, UUIDS)
def test_ids_are_equal(one: UUID, other: UUID) -> None:
    assert fingerprint(f"request {one} failed") == fingerprint(f"request {other} failed")
    assert fingerprint(f"at 0x{one.hex} failed") == fingerprint(f"at 0x{other.hex} failed")


@given(st.datetimes(), st.datetimes())
def test_times_are_equal(one: object, other: object) -> None:
    first, second = (fingerprint(f"{str(each)[:19]} connection lost") for each in (one, other))
    assert first == second


@given(WORDS, WORDS, st.sampled_from('"`'))
def test_quoted_values_are_equal(one: str, other: str, quote: str) -> None:
    assert fingerprint(f"no row {quote}{one}{quote} here") == fingerprint(f"no row {quote}{other}{quote} here")


def test_folders_are_equal_and_files_are_not() -> None:
    assert fingerprint("cannot open /tmp/tmpab_x/in.csv") == fingerprint("cannot open /tmp/tmpzz9/in.csv")
    assert fingerprint("cannot open /tmp/a/in.csv") != fingerprint("cannot open /tmp/a/out.csv")


def test_other_errors_stay_others() -> None:
    assert fingerprint("KeyError: name") != fingerprint("ValueError: name")
    assert fingerprint("can't connect to db.prod") != fingerprint("can't connect to cache.prod")


@given(st.text(max_size=3_000))
def test_any_line_has_a_bounded_fingerprint(line: str) -> None:
    assert len(fingerprint(line)) <= 4 * MAX_LINE
    assert fingerprint(line) == fingerprint(line[:MAX_LINE])


def test_no_line_takes_long() -> None:
    began = time.perf_counter()
    for part in ("'a", "‘“", "/a", "a-", "0a", "\"`'", "http://", "1:"):
        fingerprint(part * 100_000)
    assert time.perf_counter() - began < 1


@given(st.text(min_size=1), st.text(max_size=40), st.text(max_size=40))
def test_the_cause_does_not_know_the_job(job: str, task: str, slot: str) -> None:
    assert cause_of(replace(after(BROKEN, task_id=task), job=job, id=task, slot=slot)) == cause_of(BROKEN)


@given(st.text(max_size=80), st.sampled_from(["postgresql.schema", "mysql.schema"]))
def test_jobs_that_one_deploy_hits_share_it_wherever_each_broke(line: str, rule: str) -> None:
    assert cause_of(diagnosed(RACE, line=line, rule=rule)) == cause_of(RACE)


def test_another_image_is_another_cause_except_where_no_image_is_to_blame() -> None:
    assert cause_of(of_image(BROKEN, "sha256:c")) != cause_of(BROKEN)
    assert cause_of(of_image(RACE, "sha256:c")) != cause_of(RACE)
    outage = diagnosed(BROKEN, category=Category.INFRASTRUCTURE, line="CannotPullContainerError: i/o timeout")
    assert cause_of(of_image(outage, "sha256:c")) == cause_of(outage)


def test_another_category_rule_or_line_is_another_cause() -> None:
    others = [
        diagnosed(BROKEN, category=Category.UNKNOWN),
        diagnosed(BROKEN, rule="other"),
        diagnosed(BROKEN, line="KeyError: name"),
    ]
    assert len({cause_of(each) for each in (BROKEN, *others)}) == 4


@pytest.mark.parametrize("category", [each for each in Category if each.traits.any_image])
def test_outages_of_one_rule_are_as_many_causes_as_they_have_lines(category: Category) -> None:
    one, other = (
        diagnosed(BROKEN, category=category, rule="network.refused", line=f"can't connect to {name}.prod")
        for name in ("db", "cache")
    )
    assert cause_of(one) != cause_of(other)
    assert cause_of(one) != cause_of(diagnosed(one, rule="another.rule"))
    assert cause_of(one) == cause_of(of_image(one, "sha256:c"))


def test_half_a_surrogate_in_a_line_still_has_a_cause() -> None:
    assert re.fullmatch("[0-9a-f]{12}", cause_of(diagnosed(BROKEN, line="KeyError: \ud800")))
