"""A report in each channel's own form. Pure.

Text from logs is data: in Slack it can neither mention, link nor format. Slack's limits hold by
construction (https://docs.slack.dev/reference/block-kit/blocks), each text cut where it still fits.
"""

import json
import unicodedata
from typing import Any

from cronmend.records import MessageKind, Report

SLACK_HEADER = 150
SLACK_SECTION = 3_000
SLACK_FIELD = 2_000
SLACK_FIELDS = 10
SNS_SUBJECT = 99
"""Below 100 characters, of ASCII text without line breaks."""
SNS_TEXT = 60_000
"""Bytes: the text and its copies for machines share the 262,144 of one message."""
_EXCERPT = 2_400
"""Characters of log; the undocumented bound on all blocks together lies near 13,000."""
_ICON = {
    MessageKind.ALERT: ":red_circle:",
    MessageKind.HALF_DONE: ":construction:",
    MessageKind.GAVE_UP: ":red_circle:",
    MessageKind.CIRCUIT: ":octagonal_sign:",
    MessageKind.HEALED: ":white_check_mark:",
    MessageKind.RECOVERED: ":white_check_mark:",
}
_CUT = "…"


def slack(report: Report) -> dict[str, Any]:
    """A message for a webhook or ``chat.postMessage``: ``text`` for notifications, ``blocks`` to read."""
    if report.kind in {MessageKind.HEALED, MessageKind.RECOVERED}:
        return _quiet(report)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": clip(one_line(report.headline), SLACK_HEADER)}},
        _section(f"*What happens now:* {inert(report.what_happens)}"),
    ]
    if report.advice:
        blocks.append(_section(f"*What to do:* {inert(report.advice)}"))
    if report.excerpt:
        blocks.append(_section(_fenced(report.excerpt)))
    if report.facts:
        texts = [_mrkdwn(f"*{inert(label)}*\n{inert(value)}", SLACK_FIELD) for label, value in report.facts]
        blocks += [
            {"type": "section", "fields": texts[i : i + SLACK_FIELDS]} for i in range(0, len(texts), SLACK_FIELDS)
        ]
    return {"text": clip(f"{_ICON[report.kind]} {inert(one_line(report.headline))}", SLACK_SECTION), "blocks": blocks}


def sns_subject(report: Report) -> str:
    """SNS refuses more than 99 characters, control characters and anything but ASCII."""
    plain = unicodedata.normalize("NFKD", one_line(report.headline)).encode("ascii", "ignore").decode()
    return clip(f"[{report.kind.value}] {plain}", SNS_SUBJECT, cut="...")


def sns_text(report: Report) -> str:
    """Plain text for e-mail, the headline first; cut to what SNS carries."""
    parts = [report.headline, "", f"What happens now: {report.what_happens}"]
    parts += [f"What to do: {report.advice}"] if report.advice else []
    parts += ["", *(f"{label}: {value}" for label, value in report.facts)]
    parts += ["", *report.excerpt] if report.excerpt else []
    return "\n".join(parts).encode()[:SNS_TEXT].decode(errors="ignore")


def as_json(report: Report) -> str:
    """For machines: every field, in a stable order."""
    body = {
        "kind": report.kind.value,
        "job": report.job,
        "category": report.category.value,
        "headline": report.headline,
        "what_happens": report.what_happens,
        "advice": report.advice,
        "facts": dict(report.facts),
        "excerpt": list(report.excerpt),
    }
    return json.dumps(body, ensure_ascii=False)


def inert(text: str) -> str:
    """Text that Slack shows as it is: only these three characters begin markup, and in this order they are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    """Without line breaks and control characters, which subjects and headers may not hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clip(text: str, limit: int, cut: str = _CUT) -> str:
    """At most ``limit`` characters, never ending inside an escaped one."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(cut)]
    ampersand = kept.rfind("&", len(kept) - 5)
    if ampersand >= 0 and ";" not in kept[ampersand:]:
        kept = kept[:ampersand]
    return kept + cut


def _quiet(report: Report) -> dict[str, Any]:
    text = f"{_ICON[report.kind]} {inert(one_line(report.headline))}. {inert(report.what_happens)}"
    return {
        "text": clip(text, SLACK_SECTION),
        "blocks": [{"type": "context", "elements": [_mrkdwn(text, SLACK_FIELD)]}],
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text, SLACK_SECTION)}


def _mrkdwn(text: str, limit: int) -> dict[str, str]:
    return {"type": "mrkdwn", "text": clip(text, limit)}


def _fenced(excerpt: tuple[str, ...]) -> str:
    """A fence in the log would end ours: a zero-width space between its ticks keeps it text."""
    lines = "\n".join(excerpt).replace("```", "`\u200b`\u200b`")
    return f"```{clip(inert(lines), _EXCERPT)}```"
