"""Reports as e-mail, text message and JSON: readable, and within every limit."""

import json
from copy import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it ships no types

from cronmend.adapters.channels.sns import MAX_MESSAGE, attributes, forms
from cronmend.alerting import render, reports
from cronmend.model import Category
from cronmend.model.report import Fact, FactKey, MessageKind, Report, Stage
from tests import ROOT
from tests.alerting.render.test_slack_message import LONG, REPORT
from tests.fakes import NOW
from tests.incidents import BROKEN

SCHEMA = json.loads((ROOT / "docs/schemas/incident-change-1.json").read_text(encoding="utf-8"))
VALID = Draft202012Validator(SCHEMA)
GSM = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿") | set(
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM 03.38 without its extension, whose characters count twice."""
ALERT = reports.of_incident(BROKEN, MessageKind.ALERT)


def filled(text: str, lines: list[str], kind: MessageKind = MessageKind.ALERT) -> Report:
    pairs = tuple((line[:50], line) for line in lines)
    facts = tuple(Fact(FactKey.LINE, label, value) for label, value in pairs)
    return Report(
        kind, text, text, Category.UNKNOWN, text, facts, tuple(lines), text, text, text, text, text, pairs, text,
        tuple(lines), 7,
    )  # fmt: skip


@given(LONG, st.sampled_from(MessageKind))
def test_a_subject_is_short_ascii_without_control_characters(headline: str, kind: MessageKind) -> None:
    subject = render.sns_subject(replace(REPORT, kind=kind, headline=headline))
    assert 0 < len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


def test_a_subject_is_cut_at_its_limit_and_not_before() -> None:
    assert render.sns_subject(replace(REPORT, headline="x" * render.SNS_SUBJECT)).endswith("x")
    assert render.sns_subject(replace(REPORT, headline="x" * (render.SNS_SUBJECT + 1))).endswith("x...")


def test_an_email_reads_from_the_cause_down() -> None:
    assert render.sns_subject(ALERT) == ALERT.headline
    lines = render.sns_text(ALERT).split("\n")
    assert lines[0] == ALERT.what_happens
    cut = render.sns_text(replace(ALERT, short_headline="publish-scheduled failed")).split("\n")
    assert cut[0] == ALERT.headline
    order = [ALERT.what_happens, "What to do", "Deploy: ", "LOG", "LINKS", "DETAILS", "Status", "Code: "]
    places = [next(number for number, line in enumerate(lines) if line.startswith(word)) for word in order]
    assert places == sorted(places)
    assert "\nLog:\nhttps://eu-west-1.console.aws.amazon.com/" in render.sns_text(ALERT)


def test_an_email_in_full() -> None:
    assert render.sns_text(replace(REPORT, short_headline="it failed")).split("\n") == [
        REPORT.headline,
        "",
        "No re-run: a later run would end the same way.",
        "",
        "What to do: run the migration",
        "",
        "Deploy: none",
        "",
        "LOG",
        "-" * 40,
        "  Traceback (most recent call last):",
        "  ProgrammingError: column x does not exist",
        "",
        "LINKS",
        "-" * 40,
        "Log:",
        "https://eu-west-2.console.aws.amazon.com/x?a=1&b=2",
        "",
        "DETAILS",
        "-" * 40,
        "Command: cronmend why a1",
        "Status: failed",
        "Task: a1",
        "",
        "Sent by Cronmend, which watches this account's scheduled jobs.",
    ]


def test_an_email_about_an_end_says_first_what_to_do() -> None:
    over = replace(REPORT, stage=Stage.HEALED, advice="No action needed.")
    assert render.sns_text(over).startswith(f"No action needed. {REPORT.what_happens}\n")
    assert "What to do" not in render.sns_text(over)


@pytest.mark.parametrize(
    ("headline", "whole"), [("it failed", False), ("übertrag failed", True), ("x" * (render.SNS_SUBJECT + 1), True)]
)
def test_an_email_begins_with_the_headline_if_the_subject_does_not_hold_all_of_it(headline: str, whole: bool) -> None:
    assert (render.sns_text(replace(REPORT, headline=headline)).split("\n")[0] == headline) is whole


def test_a_document_holds_letters_as_they_are() -> None:
    assert "übertrag" in render.as_json(replace(REPORT, headline="übertrag failed"))


def test_an_address_that_is_too_long_for_a_document_is_left_out() -> None:
    """Half of an address leads nowhere."""
    fits, too_long = ("https://x.test/".ljust(length, "a") for length in (2_999, 3_000))
    document = json.loads(render.as_json(replace(REPORT, links=(("fits", fits), ("too long", too_long)))))
    assert document["links"] == {"fits": fits}


def test_an_email_counts_the_jobs_of_a_group_that_it_does_not_name() -> None:
    group = reports.of_group(ALERT, [f"group/job-{number:03}" for number in range(300)], 0)
    lines = [line.strip() for line in render.sns_text(group).split("\n")]
    last = lines.index("group/job-039")
    assert "260" in lines[last + 1]
    everybody = reports.of_group(ALERT, ["group/job-001", "group/job-002"], 0)
    lines = [line.strip() for line in render.sns_text(everybody).split("\n")]
    assert lines[lines.index("group/job-002") + 1] == ""


def test_an_email_is_cut_in_bytes_not_characters() -> None:
    text = render.sns_text(replace(REPORT, excerpt=("ü" * 60_000,)))
    assert render.SNS_TEXT - 2 <= len(text.encode()) <= render.SNS_TEXT


@given(LONG)
def test_a_text_message_is_one_part_in_letters_that_every_phone_has(headline: str) -> None:
    text = render.sms(replace(REPORT, headline=headline))
    assert len(text) <= render.MAX_SMS
    assert set(text) <= GSM


def test_a_text_message_keeps_its_meaning() -> None:
    told = replace(REPORT, summary="", headline="publish_scheduled failed: “x” → [y] `z`")
    assert render.sms(told) == "Cronmend: publish_scheduled failed: \"x\" - (y) 'z'"


@given(LONG, st.lists(LONG, max_size=45), st.sampled_from(MessageKind))
def test_the_document_is_valid_and_bounded_whatever_the_text(text: str, lines: list[str], kind: MessageKind) -> None:
    document = render.as_json(filled(text, lines, kind))
    assert len(document.encode()) <= render.MAX_JSON
    VALID.validate(json.loads(document))


def test_a_document_that_fits_holds_every_field() -> None:
    document = json.loads(render.as_json(ALERT))
    assert document["facts"] == {each.label: each.value for each in ALERT.facts}
    assert document["facts_by_key"] == {each.key: each.value for each in ALERT.facts}
    assert document["excerpt"] == list(ALERT.excerpt)
    assert document["links"] == dict(ALERT.links)
    assert (document["version"], document["incident"], document["cause"]) == ("1", "a1", ALERT.cause)


def test_a_document_that_is_too_long_loses_the_excerpts_beginning_first() -> None:
    document = json.loads(render.as_json(replace(ALERT, excerpt=tuple(f"{n} {'x' * 900}" for n in range(40)))))
    assert document["excerpt"][-1].startswith("39 ")
    assert document["facts"] == {each.label: each.value for each in ALERT.facts}


def test_the_schema_describes_every_field_and_kind() -> None:
    assert set(SCHEMA["properties"]) == set(json.loads(render.as_json(reports.canary(NOW)))) == set(SCHEMA["required"])
    assert SCHEMA["properties"]["kind"]["enum"] == [kind.value for kind in MessageKind]
    assert SCHEMA["properties"]["stage"]["enum"] == [stage.value for stage in Stage]
    assert SCHEMA["properties"]["facts_by_key"]["properties"].keys() == {key.value for key in FactKey}
    assert SCHEMA["properties"]["category"]["enum"] == [category.value for category in Category]


@given(LONG, st.lists(LONG, max_size=45))
def test_all_forms_together_are_one_message_of_sns(text: str, lines: list[str]) -> None:
    report = filled(text, lines)
    body = json.dumps(forms(report), ensure_ascii=False).encode()
    carried = sum(len(name) + len(value.encode()) + len("String") for name, value in attributes(report).items())
    assert len(body) + carried <= MAX_MESSAGE
    assert all(value for value in attributes(report).values())


def test_colors_in_an_older_record_are_not_shown() -> None:
    report = replace(ALERT, excerpt=("\x1b[31mERROR\x1b[0m boom",), advice="Read \x9b1mthis\x9b0m.")
    document = json.loads(render.as_json(report))
    assert (document["excerpt"], document["advice"]) == (["ERROR boom"], "Read this.")
    assert "  ERROR boom" in render.sns_text(report).splitlines()
    assert "[31m" not in json.dumps(render.slack(report))


def test_a_subject_of_letters_that_ascii_lacks_says_at_least_the_kind() -> None:
    assert render.sns_subject(replace(REPORT, headline="失敗しました")) == "alert"
    assert render.sns_subject(replace(REPORT, headline="a failed: 失敗: Error: x")) == "a failed: Error: x"
    assert render.sns_subject(replace(REPORT, headline="a failed: Net::ReadTimeout")) == "a failed: Net::ReadTimeout"


@pytest.mark.parametrize(
    ("said", "shown"),
    [("a\\b|c", "a/b/c"), ("~2 ^3", "-2 3"), ("wait…", "wait..."), ("‘x’", "'x'"), ("1–2 — 3 · 4", "1-2 - 3 - 4")],
)
def test_a_text_message_has_stand_ins_for_what_phones_lack(said: str, shown: str) -> None:
    assert render.sms(replace(REPORT, summary=said)) == f"Cronmend: {shown}"


def test_a_document_counts_the_jobs_that_it_leaves_out() -> None:
    group = replace(ALERT, jobs=tuple(f"g/{number}{'j' * 310}" for number in range(80)), others=5)
    document = json.loads(render.as_json(group))
    assert 0 < len(document["jobs"]) < 80
    assert document["jobs"] == [each[:300] for each in group.jobs[: len(document["jobs"])]]
    assert document["others"] == 85 - len(document["jobs"])


def test_a_document_of_exactly_the_most_bytes_is_whole() -> None:
    room = render.MAX_JSON - len(render.as_json(replace(ALERT, excerpt=("",) * 20)).encode())
    lines = tuple("x" * (room // 20 + (number < room % 20)) for number in range(20))
    assert len(render.as_json(replace(ALERT, excerpt=lines)).encode()) == render.MAX_JSON
    assert json.loads(render.as_json(replace(ALERT, excerpt=lines)))["excerpt"] == list(lines)


@pytest.mark.parametrize(
    ("short", "headline", "subject"),
    [
        ("it failed", "it failed for a long reason", "it failed"),
        ("", "it failed\nagain", "it failed again"),
        ("", "é" * 3, "eee"),
        ("", "失敗", "alert"),
    ],
)
def test_the_subject_is_the_short_headline_if_there_is_one(short: str, headline: str, subject: str) -> None:
    assert render.sns_subject(replace(REPORT, short_headline=short, headline=headline)) == subject
