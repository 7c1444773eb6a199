"""The table has a row for each category, and the guide to rules lists the same ones."""

import re

import pytest

from cronmend.model import Category
from cronmend.model.categories import RULE_CATEGORIES, TRAITS
from tests import ROOT

DOCS = (ROOT / "docs/rules.md").read_text(encoding="utf-8")


def named(pattern: str) -> list[str]:
    """The words set as code in the first place of docs/rules.md that matches."""
    found = re.search(pattern, DOCS)
    assert found, pattern
    return re.findall(r"`(\w+)`", found[1])


def with_trait(name: str) -> set[str]:
    return {category.value for category in Category if getattr(category.traits, name)}


def test_every_category_has_a_row() -> None:
    assert set(TRAITS) == set(Category), "add the missing row to TRAITS in model/categories.py"


@pytest.mark.parametrize("category", Category)
def test_its_texts_fit_where_they_are_shown(category: Category) -> None:
    row = TRAITS[category]
    for text in filter(None, (row.cause, row.rule_sentence, row.silent)):
        assert len(text) <= 60
        assert text.strip(" .:") == text
    assert row.cause.startswith("AWS ") or row.cause[0].islower()
    assert row.rule_sentence[:1].isupper() is (category in RULE_CATEGORIES)


@pytest.mark.parametrize("category", Category)
def test_its_traits_agree(category: Category) -> None:
    row = TRAITS[category]
    answers = (bool(row.silent), row.heals, row.needs_person)
    assert sum(answers) <= 1, "no answer, a re-run and a person exclude each other"
    assert row.heals or not row.of_aws


def test_unknown_is_never_healed() -> None:
    unknown = TRAITS[Category.UNKNOWN]
    assert not unknown.heals
    assert not unknown.silent
    assert Category.UNKNOWN not in RULE_CATEGORIES


def test_the_guide_to_rules_lists_the_categories_that_rules_may_give() -> None:
    assert named(r"\| `category` \|(.*)\|") == [*RULE_CATEGORIES]


def test_the_guide_to_rules_names_what_is_re_run_and_what_a_deploy_explains() -> None:
    assert set(named(r"Cronmend re-runs jobs for ([^.]*)\.")) == with_trait("heals")
    assert set(named(r"\| `deploy_explains` \|.*by default only for(.*)\|")) == with_trait("deploy_explains")
