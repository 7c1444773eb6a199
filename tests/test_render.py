"""Reports in each channel's form: within every limit, and with log text that can't act."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block, SectionBlock

from cronmend import render
from cronmend.model import Category
from cronmend.records import MessageKind, Report

REPORT = Report(
    kind=MessageKind.ALERT,
    job="cronmend-jobs/publish-scheduled",
    headline="publish-scheduled failed: the database has no column home_homepage.summary",
    category=Category.SCHEMA_MISMATCH,
    what_happens="no re-run: a later run would end the same way",
    facts=(("Decided by", "python.undefined-column"), ("Task", "a1")),
    excerpt=("Traceback (most recent call last):", "ProgrammingError: column x does not exist"),
    advice="run the migration",
)


def test_an_alert_reads_from_the_cause_down() -> None:
    blocks = render.slack(REPORT)["blocks"]
    assert [block["type"] for block in blocks] == ["header", "section", "section", "section", "section"]
    assert blocks[0]["text"]["text"] == REPORT.headline
    assert "run the migration" in blocks[2]["text"]["text"]
    assert blocks[3]["text"]["text"].startswith("```Traceback")


def test_good_news_is_one_quiet_line() -> None:
    message = render.slack(replace(REPORT, kind=MessageKind.HEALED))
    assert [block["type"] for block in message["blocks"]] == ["context"]


def test_text_from_logs_can_neither_mention_nor_link_nor_leave_its_fence() -> None:
    hostile = ("<!channel> <@U123> <http://evil|click>", "``` *bold* ```")
    text = json.dumps(
        render.slack(replace(REPORT, excerpt=hostile, headline="<!here>", facts=(("<x>", "<!channel>"),)))
    )
    assert "<!channel>" not in text
    assert "<@U123>" not in text
    assert "<http" not in text
    fenced = render.slack(replace(REPORT, excerpt=hostile))["blocks"][3]["text"]["text"]
    assert fenced.count("```") == 2


@given(st.text(max_size=20_000), st.lists(st.text(max_size=4_000), max_size=30), st.sampled_from(MessageKind))
def test_slacks_limits_hold_whatever_the_text(text: str, lines: list[str], kind: MessageKind) -> None:
    facts = tuple((line[:50], line) for line in lines)
    report = Report(kind, text, text, Category.UNKNOWN, text, facts, tuple(lines), text)
    message = render.slack(report)
    assert len(message["blocks"]) <= 50
    assert len(message["text"]) <= 3_000
    for block in Block.parse_all(message["blocks"]):
        if not isinstance(block, SectionBlock) or block.text or block.fields:
            block.validate_json()
    headers = [block["text"]["text"] for block in message["blocks"] if block["type"] == "header"]
    assert all(len(header) <= 150 for header in headers)


@given(st.text(max_size=300))
def test_an_sns_subject_is_short_ascii_without_control_characters(headline: str) -> None:
    subject = render.sns_subject(replace(REPORT, headline=headline))
    assert 0 < len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


def test_sns_text_is_cut_in_bytes_not_characters() -> None:
    text = render.sns_text(replace(REPORT, excerpt=("ü" * 60_000,)))
    assert len(text.encode()) <= render.SNS_TEXT


@given(st.text(alphabet="&<>ab", max_size=60), st.integers(min_value=6, max_value=40))
def test_a_cut_never_splits_an_escaped_character(text: str, limit: int) -> None:
    cut = render.clip(render.inert(text), limit)
    assert len(cut) <= limit
    rest = cut.removesuffix("…")
    for entity in ("&amp;", "&lt;", "&gt;"):
        rest = rest.replace(entity, "")
    assert "&" not in rest
