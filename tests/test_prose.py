"""No code reads a sentence to decide anything: with other words in every text for people, each decision is the same."""

import ast
from collections.abc import Iterator
from copy import replace
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from cronmend.alerting import render, reports
from cronmend.alerting.render.slack_message import icon
from cronmend.healing import after_run, transitions
from cronmend.healing.outcome import Outcome
from cronmend.healing.plan import plan
from cronmend.healing.situation import Situation
from cronmend.model import Category, Diagnosis, Identity, Plan, Policy, WindowState
from cronmend.model.incident import Change, Incident, JobState, PlannedRerun
from cronmend.model.report import Fact, Message, MessageKind, Report
from tests import ROOT
from tests.fakes import NOW, later
from tests.incidents import BROKEN, RACE, diagnosed
from tests.sample_messages import STUCK
from tests.samples import JOB, schedule, stopped
from tests.use_cases.alerting.alerting_world import AlertingWorld, kinds, message

TEXTS: Final = ("headline", "short_headline", "summary", "what_happens", "advice", "status", "what_failed")
"""A report's sentences; the job, the cause and the command are names."""
VOCABULARY: Final = """
no re-run healed recovered all acknowledged failed half done by: the deploy will not planned run 2 is over gave up later
succeeded quiet stuck unknown
"""
WORDS: Final = st.lists(st.sampled_from(VOCABULARY.split()), max_size=6).map(" ".join)
INCIDENTS: Final = (
    BROKEN,
    RACE,
    STUCK,
    replace(RACE, planned=PlannedRerun(2, later(6)), no_rerun=""),
    replace(RACE, starting="k2", reruns=1, no_rerun=""),
    replace(BROKEN, acknowledged_by="ann"),
)


def reworded(report: Report, word: str) -> Report:
    """The report with other texts; each one different, so that none is empty by chance."""
    numbers = count(1)
    texts: dict[str, Any] = {name: f"{word} {next(numbers)}" if getattr(report, name) else "" for name in TEXTS}
    facts = tuple(Fact(each.key, f"{word} {next(numbers)}", f"{word} {next(numbers)}") for each in report.facts)
    return replace(
        report,
        facts=facts,
        links=tuple((f"{word} {next(numbers)}", address) for _, address in report.links),
        excerpt=tuple(word or "x" for _ in report.excerpt),
        **texts,
    )


def decisions(report: Report) -> dict[str, Any]:
    """All that is decided from a report: how it stands, who is called, what is shown, offered and grouped."""
    shown = render.slack(report, buttons=True, mention="<!here>")
    jobs = ("g/a", "g/b", report.job)
    group = reports.of_group(report, jobs, 1)
    decorated = reports.decorated(report, "team", "https://wiki.example.com", "critical")
    return {
        "over": report.is_over,
        "icon": icon(report),
        "mention": "<!here>" in shown["text"],
        "blocks": [block["type"] for block in shown["blocks"]],
        "buttons": [
            e["action_id"] for block in shown["blocks"] if block["type"] == "actions" for e in block["elements"]
        ],
        "fields": [len(block["fields"]) for block in shown["blocks"] if "fields" in block],
        "reply": [block["type"] for block in render.slack_reply(report)["blocks"]],
        "group": (group.kind, group.stage, group.quiet, [each.key for each in group.facts]),
        "group over": reports.of_group(report, jobs, 3).stage,
        "decorated": [each.key for each in decorated.facts],
        "again": reports.decorated(decorated, "team", "https://wiki.example.com", "critical") == decorated,
        "updated": reports.with_status(report, report.stage, "x").is_over,
        "escalation": reports.of_escalation(report, later(1) - NOW).stage,
    }


@given(st.sampled_from(INCIDENTS), st.sampled_from(MessageKind), WORDS)
def test_a_report_decides_the_same_in_other_words(incident: Incident, kind: MessageKind, word: str) -> None:
    report = reports.of_incident(incident, kind, "It happened.")
    assert decisions(reworded(report, word)) == decisions(report)


@given(WORDS)
def test_reports_of_no_incident_decide_the_same_in_other_words(word: str) -> None:
    for report in (
        reports.canary(NOW),
        reports.of_circuit(BROKEN, 30, "12:00 UTC"),
        reports.of_endings(("g/a", "g/b")),
    ):
        assert decisions(reworded(report, word)) == decisions(report)


@given(WORDS, st.lists(st.tuples(st.integers(1, 3), st.sampled_from(MessageKind)), min_size=1, max_size=8))
def test_conversations_go_the_same_way_in_other_words(word: str, steps: list[tuple[int, MessageKind]]) -> None:
    def told(change: Any) -> tuple[object, ...]:
        world = AlertingWorld()
        for number, (job, kind) in enumerate(steps):
            sent = message(job, kind, change=f"{kind.value}-{number}")
            world.receives(replace(sent, report=change(sent.report)), at=later(number))
        return kinds(world.slack), kinds(world.sns), [(each.kind, each.at) for each in world.timers.due()]

    assert told(lambda report: reworded(report, word)) == told(lambda report: report)


def followed(change: Change) -> tuple[object, ...]:
    """What a change decides, without its texts."""
    incident = change.job_state.incident
    assert incident
    own = (incident.state, incident.planned, incident.held_until, incident.notified, bool(incident.no_rerun))
    return own, [_decided(each) for each in change.messages], change.run and change.run.action


def _decided(sent: Message) -> tuple[object, ...]:
    return sent.change, sent.report.kind, sent.report.stage, sent.report.quiet, [each.key for each in sent.report.facts]


@given(st.sampled_from(Category), st.sampled_from(WindowState), st.sampled_from(Policy), WORDS)
def test_a_plan_and_what_follows_are_the_same_in_other_words(
    category: Category, state: WindowState, policy: Policy, word: str
) -> None:
    def planned(diagnosis: Diagnosis) -> Plan:
        return plan(diagnosis, Situation(now=NOW, policy=policy, schedule=schedule()))

    diagnosis = Diagnosis(category, "rule", "It failed.", "KeyError: 1", advice="Fix it.")
    diagnosis = replace(diagnosis, window=replace(diagnosis.window, state=state, reason="the deploy of web"))
    window = replace(diagnosis.window, reason=f"{word} 2")
    other = replace(diagnosis, sentence=f"{word} 1", advice=f"{word} 3", window=window)
    first, second = planned(diagnosis), planned(other)
    assert [type(each) for each in first.actions] == [type(each) for each in second.actions]
    if first.word != "none":
        assert _after(diagnosis, first) == _after(other, second)


def _after(diagnosis: Diagnosis, made: Plan) -> tuple[object, ...]:
    who = Identity(JOB, certain=True, reason="", schedule=schedule())
    outcome = Outcome(stopped(), who, diagnosis, None, NOW)
    return followed(after_run.after_failure(JobState(JOB), outcome, made))


@given(st.sampled_from(INCIDENTS[:4]), WORDS)
def test_transitions_are_the_same_in_other_words(incident: Incident, word: str) -> None:
    job_state, other = JobState(incident.job, incident=incident), f"{word} 1"
    assert followed(transitions.given_up(job_state, other)) == followed(transitions.given_up(job_state, "so it is"))
    assert followed(transitions.shadowed(job_state, other)) == followed(transitions.shadowed(job_state, "so it is"))
    reworded_state = JobState(incident.job, incident=diagnosed(replace(incident, no_rerun=other), sentence=other))
    named = JobState(incident.job, incident=diagnosed(replace(incident, no_rerun="so it is"), sentence="It failed."))
    assert followed(transitions.released(reworded_state)) == followed(transitions.released(named))


_TAKING_APART: Final = ("partition", "rpartition", "split", "rsplit", "removeprefix")
PROSE: Final = frozenset({*TEXTS, "sentence", "reason", "no_rerun", "done", "label"}) - {"status"}
"""Attributes that hold sentences. ``status`` is the name of AWS's and HTTP's codes, too; the tests above cover it."""
READING: Final = frozenset({*_TAKING_APART, "startswith", "endswith", "find", "index", "count", "replace"})
ALLOWED: Final = {
    ("functions/cronmend/incoming/deploy_events.py", "reason"): "the reason that ECS gives, which is not ours",
}


def reads_prose(tree: ast.AST) -> Iterator[str]:
    """The attributes whose sentences are compared, searched or taken apart."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from (_prose(each) for each in (node.left, *node.comparators) if not _is_blank(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING:
            yield _prose(node.func.value)
        if isinstance(node, ast.Match):
            yield _prose(node.subject)


def _is_blank(node: ast.Compare) -> bool:
    """Whether there is a text at all is no reading of it."""
    return all(isinstance(each, ast.Constant) and each.value in ("", None) for each in node.comparators)


def _prose(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) and node.attr in PROSE else ""


@pytest.mark.parametrize("part", ["functions", "cli", "local"])
def test_no_code_compares_or_takes_apart_a_sentence(part: str) -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in sorted((ROOT / part).rglob("*.py"))
        for name in reads_prose(ast.parse(path.read_text(encoding="utf-8")))
        if name
    }
    assert found - set(ALLOWED) == set()


def test_every_exception_is_still_needed() -> None:
    for place, name in ALLOWED:
        assert name in set(reads_prose(ast.parse((ROOT / place).read_text(encoding="utf-8"))))


def test_every_sentence_of_a_report_is_tried_in_other_words() -> None:
    names = {each.name for each in fields(Report) if each.type in (str, "str")}
    assert names - set(TEXTS) == {"job", "incident", "cause", "severity", "command", "mention"}


def test_a_sentence_that_is_read_is_found() -> None:
    code = "if 'no re-run' in plan.reason: pass\nreport.headline.partition(': ')\nreport.sentence == 'x'\n"
    assert sorted(filter(None, reads_prose(ast.parse(code)))) == ["headline", "reason", "sentence"]
    assert not any(reads_prose(ast.parse("if plan.reason != '': pass")))
