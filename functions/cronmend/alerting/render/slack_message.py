"""A report as a Slack message, within Slack's limits. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks. Foreign text is in plain text, in code or in a code block;
``verbatim`` keeps Slack from turning it into links.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from cronmend.alerting.render.slack_fitting import Part, fitting
from cronmend.alerting.render.slack_parts import actions, endings, excerpt, facts, jobs, links, paragraph, section
from cronmend.alerting.render.text import clip, inert, one_line, plain
from cronmend.model.report import ALERTS, ENDINGS, FactKey, MessageKind, Report

MAX_TEXT: Final = 3_000
HEADER: Final = 150
_HEADLINE: Final = 900
_LINE: Final = 600
_ICON: Final = {
    MessageKind.ALERT: ":red_circle:",
    MessageKind.HALF_DONE: ":construction:",
    MessageKind.GAVE_UP: ":red_circle:",
    MessageKind.HEALED: ":white_check_mark:",
    MessageKind.RECOVERED: ":white_check_mark:",
    MessageKind.CIRCUIT: ":octagonal_sign:",
    MessageKind.PROGRESS: ":arrows_counterclockwise:",
    MessageKind.REMINDER: ":repeat:",
    MessageKind.ESCALATION: ":rotating_light:",
    MessageKind.GROUP: ":red_circle:",
    MessageKind.ALARM: ":warning:",
    MessageKind.FINDING: ":mag:",
    MessageKind.NOTE: ":memo:",
    MessageKind.MONTHLY: ":bar_chart:",
    MessageKind.CANARY: ":baby_chick:",
}
_OVER: Final = ":white_check_mark:"
_MENTIONS_PEOPLE: Final = ALERTS | {
    *(MessageKind.GROUP, MessageKind.ESCALATION, MessageKind.CIRCUIT, MessageKind.ALARM, MessageKind.FINDING)
}
"""Kinds that mention people."""
_SHOWN_BY_HEADLINE: Final = ALERTS | {MessageKind.REMINDER, MessageKind.ESCALATION, MessageKind.CANARY}
_MENTION: Final = re.compile(r"<(?:@[UW]\w{1,30}|!subteam\^S\w{1,30}|!here|!channel|!everyone)>")
_MOST_MENTIONS: Final = 10


def slack(report: Report, *, buttons: bool = False, mention: str = "") -> dict[str, Any]:
    """A message for a webhook, ``chat.postMessage`` or ``chat.update``.

    Slack shows ``text`` in notifications, and ``blocks`` in the channel. ``mention`` has people and groups in Slack's
    own form.
    """
    calls = _mentions(report, mention)
    text = clip(" ".join(filter(None, (calls, icon(report), inert(one_line(report.headline))))), MAX_TEXT)
    if report.quiet:
        happened = "" if report.kind in ENDINGS else report.what_happens  # the headline tells it
        line = " ".join(filter(None, (f"{one_line(report.headline)}.", happened, report.advice)))
        return {"text": text, "blocks": [_context(icon(report), clip(plain(line), MAX_TEXT)), *endings(report)]}
    return {"text": text, "blocks": fitting(_parts(report, calls, buttons))}


def slack_reply(report: Report) -> dict[str, Any]:
    """A reply of one line, for the thread."""
    calls, line = _mentions(report, report.mention), clip(plain(_line(report)), _LINE)
    blocks = [section(calls)] if calls else []
    shown = {"type": "section", "text": {"type": "plain_text", "text": f"{icon(report)} {line}", "emoji": True}}
    text = clip(" ".join(filter(None, (calls, icon(report), inert(one_line(_line(report)))))), MAX_TEXT)
    return {"text": text, "blocks": [*blocks, shown]}


def icon(report: Report) -> str:
    return _OVER if report.is_over else _ICON[report.kind]


def _parts(report: Report, calls: str, buttons: bool) -> Iterator[Part]:
    """The parts in the order of reading; the rank decides which are left out first."""
    if calls:
        yield Part(0, section(calls))
    yield Part(0, _context(icon(report), _status(report)))
    headline = plain(report.headline) or report.kind.value
    yield Part(0, {"type": "header", "text": {"type": "plain_text", "text": clip(headline, HEADER)}})
    if len(headline) > HEADER:
        yield Part(1, {"type": "section", "text": _plain_text(clip(headline, _HEADLINE))})
    if report.what_happens:
        yield Part(1, paragraph("What happened" if report.is_over else "What happens now", report.what_happens))
    if report.advice and not report.is_over:
        yield Part(2, paragraph("What to do", report.advice, code=True))
    yield from (Part(3, block) for block in excerpt(report))
    yield from (Part(2, block) for block in jobs(report))
    yield from (Part(2, block) for block in facts(report))
    yield from (Part(4, block) for block in links(report))
    if buttons:
        yield from (Part(1, block) for block in actions(report))


def _status(report: Report) -> str:
    """The status, the severity unless it is over, the category, and the owner."""
    owner = next((f"owner: {each.value}" for each in report.facts if each.key is FactKey.OWNER), "")
    severity = "" if report.is_over else report.severity
    words = (report.status or report.kind.value, severity, report.category.value, owner)
    return clip(plain(" · ".join(filter(None, words))), HEADER)


def _context(mark: str, text: str) -> dict[str, Any]:
    icons = {"type": "plain_text", "text": mark, "emoji": True}
    return {"type": "context", "elements": [icons, _plain_text(text)]}


def _plain_text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mentions(report: Report, mention: str) -> str:
    """Only parts that Slack accepts as mentions."""
    wanted = report.kind in _MENTIONS_PEOPLE and not report.quiet and not report.is_over
    return " ".join(_MENTION.findall(mention)[:_MOST_MENTIONS]) if wanted else ""


def _line(report: Report) -> str:
    """The text of a reply. It doesn't repeat the job's name, which the alert above it has."""
    if report.kind in _SHOWN_BY_HEADLINE or not report.what_happens:
        return report.headline
    if report.kind is MessageKind.PROGRESS:
        return report.what_happens
    return f"{report.status[:1].upper()}{report.status[1:]}. {report.what_happens}"
