"""An accepted rule file never makes a diagnosis fail, whatever its rules match."""

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.diagnosis.rule_files import BadRules, read
from cronmend.diagnosis.ruleset import Rules, Weight, Where
from cronmend.diagnosis.steps import diagnose
from cronmend.model import (
    Category,
    Container,
    DeployWindow,
    Diagnosis,
    Evidence,
    StoppedTask,
    TaskDefinitionRef,
    WindowState,
)
from cronmend.model.categories import RULE_CATEGORIES

WORDS = st.one_of(
    st.sampled_from(["ERP is closed", "shop.ErpError", "UserInitiated", "7", "İ", "a\nb", "\\Q", "(", "-"]),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
CODES = st.sampled_from([None, 0, 1, 7, 137, 139, 143, 255, -1])
ODD_PATTERNS = st.sampled_from([".*", "|", "(?i)x", "(?s).*", r"\Qa", r"\Q", "[", ""])
GIVEN_BY_STEPS = {"exit.zero", "exit.killed", "nothing_decisive", "stop_code.unknown", "stop_request.unknown"}
NO_TEXT: st.SearchStrategy[Any] = st.sampled_from([7, True, [7], {"a": 1}])


def valid(word: str, **other: object) -> dict[str, Any]:
    row = {"id": "own", "where": "error", "pattern": re2.escape(word), "category": "timeout"}
    return {**row, "advice": "Ask the team.", "source": "https://example.com", "examples": [word], **other}


@st.composite
def rows(draw: st.DrawFn, word: str, code: int | None) -> Mapping[str, Any]:
    """Complete rows in which up to three fields have any valid or invalid value."""
    literal = st.sampled_from([re2.escape(word), word, word.lower(), str(code)])
    patterns = st.one_of(literal, ODD_PATTERNS, ODD_PATTERNS, st.lists(literal, min_size=1, max_size=3))
    texts = st.lists(WORDS, min_size=1, max_size=2)
    fields: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(("pattern", "also", "unless"), patterns),
        **dict.fromkeys(("id", "advice", "cause", "source", "colour"), WORDS),
        **dict.fromkeys(("examples", "counter_examples"), texts),
        "category": st.sampled_from(Category),
        "weight": st.sampled_from(Weight),
        "deploy_explains": st.sampled_from([True, False, "maybe"]),
    }
    names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True))
    changed = {name: draw(st.one_of(fields[name], NO_TEXT) if draw(st.booleans()) else fields[name]) for name in names}
    return valid(word, where=draw(st.sampled_from(Where))) | changed


def toml(value: object) -> str:
    """Strings, numbers and lists have the same syntax in JSON and TOML, except for DEL and tables."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def written(folder: Path, *raws: Mapping[str, Any]) -> Path:
    file = folder / "own.toml"
    tables = ("\n".join(["[[rule]]", *(f"{name} = {toml(value)}" for name, value in raw.items())]) for raw in raws)
    file.write_text("\n".join(tables), encoding="utf-8", newline="")
    return file


def ended(text: str, code: int | None, log: tuple[str, ...], window: WindowState) -> Evidence:
    """A run in which every text is this one."""
    task = StoppedTask(
        task_arn="arn:aws:ecs:eu-west-2:1:task/app/1",
        cluster_arn="arn:aws:ecs:eu-west-2:1:cluster/app",
        task_definition=TaskDefinitionRef("web", 1),
        task_definition_arn="arn",
        containers=(Container("app", code, text), Container("sidecar", 1, text)),
        job_container="app",
        stop_code=text,
        stopped_reason=text,
    )
    return Evidence(task, log, DeployWindow(window))


def logs(text: str) -> list[tuple[str, ...]]:
    head = ("Traceback (most recent call last):", '  File "/app/job.py", line 3, in <module>', "    run()")
    link = ("", "The above exception was the direct cause of the following exception:", "")
    stated = (*head, f"shop.ErpError: {text}")
    named = (*head, f"{text}: {text}")
    return [(), (text,), (f"ERROR {text}",), stated, named, (*stated, *link, *named), (*named, *link, *stated, text)]


def is_diagnosis(found: object) -> bool:
    if not isinstance(found, Diagnosis):
        return False
    texts = (found.rule, found.sentence, found.line, found.advice, found.cause, *found.excerpt)
    given_by_rule = found.category in (*RULE_CATEGORIES, Category.DEPLOY_RACE)
    return (given_by_rule or found.rule in GIVEN_BY_STEPS) and all(isinstance(text, str) for text in texts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


@settings(max_examples=300, deadline=None)
@given(data=st.data(), word=WORDS, code=CODES, window=st.sampled_from(WindowState))
def test_an_accepted_file_matches_any_text_without_an_error(
    folder: Path, data: st.DataObject, word: str, code: int | None, window: WindowState
) -> None:
    file = written(folder, *data.draw(st.lists(rows(word, code), min_size=1, max_size=2)))
    try:
        rules = Rules(read([file]))
    except BadRules:
        return
    for log in logs(word):
        assert is_diagnosis(diagnose(ended(word, code, log, window), rules))


@pytest.mark.parametrize("category", Category)
def test_a_rule_of_any_category_is_refused_or_decides(folder: Path, category: Category) -> None:
    """Every place and weight that a row may have, on evidence that it matches."""
    decided = set()
    for where, weight in product(Where, Weight):
        text = "7" if where is Where.EXIT_CODE else "erp is closed"
        file = written(folder, valid(text, where=where, weight=weight, category=category))
        if category not in RULE_CATEGORIES:
            with pytest.raises(BadRules, match=rf"own\.toml: rule 1 \(own\): category is '{category}', which no rule"):
                read([file])
            continue
        rules = Rules(read([file]))
        found = [diagnose(ended(text, 7, log, WindowState.CLOSED), rules) for log in logs(text)]
        assert all(map(is_diagnosis, found))
        decided |= {(each.category, each.sentence.partition(":")[0]) for each in found if each.rule == "own"}
    assert decided == ({(category, category.traits.rule_sentence)} if category in RULE_CATEGORIES else set())
