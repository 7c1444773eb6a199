"""The parts of a Slack message below its headline. Pure."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cronmend.alerting.render.key_facts import key_facts
from cronmend.alerting.render.text import clean, clip, fenceable, inert, one_line, plain
from cronmend.diagnosis.excerpt_layout import GAP
from cronmend.diagnosis.marks import marked
from cronmend.model.presses import Button
from cronmend.model.report import ALERTS, Fact, FactKey, MessageKind, Report, Stage

SECTION: Final = 3_000
VALUE: Final = 2_000
_SAID: Final = 1_200
_EXCERPT: Final = 2_400
_LINES: Final = 8
"""Lines of the excerpt."""
_MARKED: Final = 2
"""Of these, the marked line and what follows it, if the end of the excerpt doesn't hold it."""
_JOBS: Final = 2_400
_LABEL: Final = 75
_FACT: Final = 300
"""Characters of a fact."""
_FORMATS: Final = re.compile(r"[*~]|(?<!\w)_|_(?!\w)|:[\w+-]{1,100}:")
"""Characters that Slack would read as bold, italic or struck text, or as an emoji."""
_UNFORMATTED: Final = str.maketrans("*_~`:|", "      ")
_OF_ENDINGS: Final = frozenset({FactKey.FAILED_WITH, FactKey.DEPLOY_THEN})
_ASKS: Final = ALERTS | {MessageKind.REMINDER, MessageKind.ESCALATION}


def paragraph(label: str, text: str, *, code: bool = False) -> dict[str, Any]:
    """A paragraph. With ``code``, the text is Cronmend's own, and its backticks mark code."""
    line = one_line(text)
    if _FORMATS.search(line) or ("`" in line and not (code and line.count("`") % 2 == 0)):
        return {"type": "section", "text": {"type": "plain_text", "text": clip(f"{label}: {plain(line)}", _SAID)}}
    return section(f"*{label}:* {clip(inert(line), _SAID)}")


def excerpt(report: Report) -> Iterator[dict[str, Any]]:
    """The marked line and the last ones, as far as they fit: the error is at the end."""
    kept: list[str] = []
    left = _EXCERPT
    for line in reversed(_shortened(report.excerpt)):
        shown = clip(inert(fenceable(clean(line))), _EXCERPT)
        if len(shown) + 1 > left and kept:
            break
        kept.insert(0, shown)
        left -= len(shown) + 1
    if any(line.strip() for line in kept):
        yield section("```\n" + fenceable("\n".join(kept)) + "\n```")


def _shortened(lines: Sequence[str]) -> Sequence[str]:
    """`cronmend why` shows them all."""
    if len(lines) <= _LINES:
        return lines
    number = marked(lines)
    if number is None or number >= len(lines) - _LINES:
        return lines[-_LINES:]
    end = lines[_MARKED + 1 - _LINES :]
    return [*lines[number : number + _MARKED], *([] if end[0] == GAP else [GAP]), *end]


def jobs(report: Report) -> Iterator[dict[str, Any]]:
    """A group's jobs, and how many more there are."""
    lines: list[str] = []
    for job in report.jobs:
        lines.append(f"• {_code(job)}")
        if sum(map(len, lines)) > _JOBS:
            lines.pop()
            break
    others = report.others + len(report.jobs) - len(lines)
    if others and report.jobs:
        lines.append(f"… and {others} more")
    if lines:
        yield section("\n".join(lines))


def facts(report: Report) -> Iterator[dict[str, Any]]:
    if shown := [_fact(each) for each in key_facts(report)]:
        yield {"type": "section", "fields": shown}


def endings(report: Report) -> Iterator[dict[str, Any]]:
    """What had failed, in small print below the line about the end."""
    rows = [f"{each.label}: {one_line(each.value)}" for each in report.facts if each.key in _OF_ENDINGS]
    if rows:
        shown = clip(plain(" · ".join(rows)), SECTION)
        yield {"type": "context", "elements": [{"type": "plain_text", "text": shown, "emoji": False}]}


def links(report: Report) -> Iterator[dict[str, Any]]:
    """The links, and the command that shows all that is known."""
    shown: list[str] = []
    for label, address in report.links:
        if (link := _link(label, address)) and len(" · ".join([*shown, link])) <= SECTION:
            shown.append(link)
    texts = [" · ".join(shown), _code(report.command) if report.command else ""]
    if elements := [_mrkdwn(each) for each in texts if each]:
        yield {"type": "context", "elements": elements}


def actions(report: Report) -> Iterator[dict[str, Any]]:
    """Buttons, if the report asks a person to act on one job."""
    value = json.dumps({"job": report.job, "incident": report.incident}, separators=(",", ":"), ensure_ascii=False)
    if report.kind not in _ASKS or report.is_over or not report.incident or len(value) > VALUE:
        return
    is_acknowledged = report.stage is Stage.ACKNOWLEDGED
    offered = (each for each in Button if not (is_acknowledged and each is Button.ACKNOWLEDGE))
    yield {"type": "actions", "elements": [_button(each, value) for each in offered]}


def _button(button: Button, value: str) -> dict[str, Any]:
    label = {"type": "plain_text", "text": button.label}
    return {"type": "button", "text": label, "action_id": button.value, "value": value}


def _fact(fact: Fact) -> dict[str, Any]:
    line = one_line(fact.value)
    shown = _code(line) if _FORMATS.search(line) or "`" in line else clip(inert(line), _FACT)
    return _mrkdwn(f"*{_label(fact.label)}*\n{shown}")


def _code(text: str) -> str:
    """The text as code, whatever it contains."""
    return f"`{clip(inert(one_line(text).replace('`', chr(39))), _FACT) or ' '}`"


def _label(text: str) -> str:
    """A label without characters that Slack would read as formatting."""
    return clip(inert(one_line(text.translate(_UNFORMATTED))), _LABEL) or "-"


def _link(label: str, address: str) -> str:
    """A link in Slack's own form; ``""`` if the address isn't HTTP or HTTPS."""
    url = inert(address).replace("|", "%7C").replace(" ", "%20")
    if not address.startswith(("https://", "http://")) or not address.isprintable():
        return ""
    return f"<{url}|{_label(label)}>"


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> dict[str, Any]:
    """``verbatim``: Slack doesn't turn addresses into links, or names into mentions."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
