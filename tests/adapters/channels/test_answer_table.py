"""The tables of answers: each row can be reached, and the guide shows the same rows."""

import re

import pytest

from cronmend.adapters.channels.answer_table import FOREIGN, OK, TABLES, UNTHREADED, Nature, Row, nature_of
from tests import ROOT

GUIDE = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
ROWS = [(name, rows, row) for name, rows in TABLES.items() for row in rows]


def shown(row: Row) -> str:
    """The row as the guide has it."""
    words = ", ".join(word if word in {FOREIGN, UNTHREADED} else f"`{word}`" for word in row.words) or "any"
    return f"| {row.status or 'any'} | {words} | {row.nature.value} | [source]({row.source}) |"


@pytest.mark.parametrize("name", TABLES)
def test_the_guide_shows_the_rows(name: str) -> None:
    table = "\n".join(["| status | answer | nature | |", "| --- | --- | --- | --- |", *map(shown, TABLES[name])])
    assert f"#### {name}\n\n{table}\n" in GUIDE


@pytest.mark.parametrize(("name", "rows", "row"), ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_row_decides_for_its_own_answers(name: str, rows: tuple[Row, ...], row: Row) -> None:
    status = int(row.status.replace("x", "0") or 400)
    for word in row.words or ("anything_else",):
        assert nature_of(rows, status, word) is row.nature


@pytest.mark.parametrize("rows", TABLES.values(), ids=TABLES)
def test_every_answer_has_a_nature_and_the_last_one_is_permanent(rows: tuple[Row, ...]) -> None:
    assert nature_of(rows, 0, "") is Nature.PERMANENT
    assert nature_of(rows, 418, "new_word") is Nature.PERMANENT


@pytest.mark.parametrize("name", ["Slack as a bot", "Slack through a webhook"])
@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 403, 429, 500, 503])
def test_slack_has_a_message_only_if_it_says_ok_with_200(name: str, status: int) -> None:
    delivered = [
        word for word in (OK, FOREIGN, "", "okay") if nature_of(TABLES[name], status, word) is Nature.DELIVERED
    ]
    assert delivered == ([OK] if status == 200 else [])


@pytest.mark.parametrize(("name", "rows", "row"), ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_row_has_a_public_source(name: str, rows: tuple[Row, ...], row: Row) -> None:
    assert re.fullmatch(
        r"https://(docs\.slack\.dev|api\.slack\.com|docs\.aws\.amazon\.com|www\.rfc-editor\.org|github\.com/(slackapi|slack-go))/\S+",
        row.source,
    )


def test_aws_adds_an_ending_to_some_codes() -> None:
    assert nature_of(TABLES["SNS"], 400, "KMSThrottlingException") is Nature.RATE_LIMITED
    assert nature_of(TABLES["SNS"], 400, "ThrottledException") is Nature.RATE_LIMITED
