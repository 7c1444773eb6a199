"""Every shipped row is tested: its examples match, its counter-examples don't, and the pack is current."""

import re
from pathlib import Path

import pytest

from cronmend.diagnosis.rule_files import PACK, pack, read, shipped, shipped_files, wrong_examples
from cronmend.diagnosis.ruleset import Rule, Weight, Where, matches
from cronmend.model import Category
from cronmend.model.categories import RULE_CATEGORIES

ROWS = read(shipped_files())
RERUN_BY_CRONMEND = (Category.DEPENDENCY_UNAVAILABLE, Category.INFRASTRUCTURE)


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_examples(row: Rule) -> None:
    assert wrong_examples([row]) == []


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_row_says_what_to_do_and_where_it_is_from(row: Rule) -> None:
    assert len(row.advice) > 15
    assert row.source.startswith("https://")
    assert row.category in RULE_CATEGORIES


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_advice_is_short_sentences_with_a_command(row: Rule) -> None:
    assert row.advice.endswith(".")
    assert all(len(sentence.split()) <= 25 for sentence in row.advice.split(". "))
    assert "`cronmend rerun JOB" in row.advice


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_advice_uses_force_if_cronmend_has_used_its_reruns(row: Rule) -> None:
    """These categories alert when the attempts are used, or if the policy forbids a re-run."""
    assert ("`cronmend rerun JOB --force`" in row.advice) == (row.category in RERUN_BY_CRONMEND)


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_patterns_stay_cheap(row: Rule) -> None:
    """Counted repetitions of wildcards multiply the automaton's size; ``also`` expresses the same at no cost."""
    assert ".{" not in row.pattern
    assert "(?i)" not in row.pattern


def test_pack_is_of_these_files() -> None:
    assert PACK.read_text(encoding="utf-8") == pack(), "run `cronmend rules pack`"


def test_the_packed_rules_are_the_rows() -> None:
    assert [row.id for row in shipped().rows] == [row.id for row in ROWS]


def test_all_places_of_the_platform_have_rules() -> None:
    places = {row.where for row in ROWS}
    assert {Where.STOP_CODE, Where.REASON, Where.EXIT_CODE, Where.TYPE, Where.ERROR, Where.RAISED, Where.LINE} <= places


def test_only_weak_rows_treat_a_general_name_as_a_bug() -> None:
    general = [row for row in ROWS if row.where is Where.TYPE and row.category is Category.APPLICATION_ERROR]
    assert all(row.weight is not Weight.DECIDES for row in general)


def test_no_rule_for_a_comparison_of_schemas_matches_what_another_one_must_not() -> None:
    """They use the same shared patterns, so that one list of counter-examples is for all."""
    compares = [row for row in ROWS if row.id in ("schema.pending", "schema.version", "schema.run_first")]
    texts = [text for row in compares for text in row.counter_examples]
    assert [(row.id, text) for row in compares for text in texts if matches(row, text)] == []


def test_the_guide_lists_the_rows_that_a_deploy_may_explain() -> None:
    guide = (Path(__file__).parents[2] / "docs/rules.md").read_text(encoding="utf-8")
    section = guide.partition("## When a deploy may explain")[2].partition("Each other rule")[0]
    table = section.partition("| --- |")[2]
    assert sorted(re.findall(r"`([^`]+)`", table)) == sorted(row.id for row in ROWS if row.deploy_may_explain)
