"""The documents are true: their links lead somewhere, and the commands they name exist."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.commands import LazyGroup
from cli.main import app
from cronmend.healing.guards import KEEPS_ALERT_HELD, Guard
from tests import ROOT
from tests.cloudformation import Template

FOLDERS = ("docs", "events", "local", "modules")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
_COMMAND = re.compile(r"\bcronmend((?: [a-z][a-z-]*)+)")
_MAKE = re.compile(r"(?:^|`)make ([a-z][a-z-]*)", re.MULTILINE)


def fenced(text: str) -> Iterator[str]:
    """What is set as code: between fences, and between single backticks."""
    yield from re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE)
    yield from re.findall(r"`[^`\n]+`", text)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    lazy = {name: group.loaded(name) for name in group.places} if isinstance(group, LazyGroup) else {}
    for name, each in (lazy or getattr(group, "commands", {})).items():
        yield from commands(each, (*path, name))


KNOWN = set(commands(typer.main.get_command(app)))
GROUPS = {path[:-1] for path in KNOWN if path}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_its_links_lead_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_page_is_in_the_sites_index() -> None:
    index = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f'"docs/{page.name}"' not in index] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_it_names_exist(document: Path) -> None:
    code = "\n".join(fenced(document.read_text(encoding="utf-8")))
    named = {tuple(words.split()) for words in _COMMAND.findall(code)}
    unknown = [words for words in named if not any(words[: len(path)] == path for path in KNOWN - GROUPS)]
    assert [words for words in unknown if words not in GROUPS] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_make_targets_it_names_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_MAKE.findall(document.read_text(encoding="utf-8"))) <= targets


def test_the_guide_lists_the_guards_in_their_order_and_marks_those_that_keep_the_alert_held() -> None:
    guide = (ROOT / "docs/healing.md").read_text(encoding="utf-8")
    guards = guide.partition("## Guards")[2].partition("\n**")[0]
    rows = re.findall(r"^\| `([a-z-]+)` (\*?) ?\|", guards, re.MULTILINE)
    assert rows == [(guard.value, "*" if guard in KEEPS_ALERT_HELD else "") for guard in Guard]


def test_the_guide_lists_each_parameter_with_its_default() -> None:
    guide = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    table = guide.partition("\n## Parameters")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| `?([^|`]+?)`? \|", table, re.MULTILINE))
    defaults = {name: each.get("Default", "none") for name, each in Template.read().parameters.items()}
    assert rows == {name: str(default) or "empty" for name, default in defaults.items()}


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_threat_names_tests_that_exist() -> None:
    model = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    threats = [line for line in model.splitlines() if line.startswith("| **")]
    assert len(threats) > 10
    for threat in threats:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", threat)
        assert named, f"no test: {threat}"
        assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == []


def test_no_item_of_the_changelog_has_a_twin() -> None:
    """Merges keep the lines of both sides, so an item that one of them has changed is there twice."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    starts = Counter(line[:60] for line in changelog.splitlines() if len(line) > 60)
    assert [start for start, times in starts.items() if times > 1] == []


def test_every_command_is_described_somewhere() -> None:
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    undescribed = [path for path in KNOWN - GROUPS if path and f"{path[-1]}" not in text]
    assert undescribed == []
