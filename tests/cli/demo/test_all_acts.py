"""The documents name the demo's acts as they are today."""

import re

import pytest

from cli.demo.all_acts import AllActs
from tests import ROOT

TITLES = [title for title, _ in object.__new__(AllActs).acts()]


def test_the_guide_names_acts_in_their_order() -> None:
    guide = (ROOT / "docs/healing.md").read_text(encoding="utf-8")
    table = guide.partition("| act | shows |\n| --- | --- |\n")[2].partition("\n\n")[0]
    named = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
    assert len(named) > 3
    assert named == [title for title in TITLES if title in named]


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_a_document_counts_the_acts(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert re.findall(r"plays (\d+) acts", text) == [str(len(TITLES))]
