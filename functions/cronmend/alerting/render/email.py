"""A report as text that people read in an e-mail. Pure."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from cronmend.alerting.render.text import clean, clip, clip_bytes, one_line
from cronmend.model.report import Report

SNS_SUBJECT: Final = 99
"""Below 100 characters, of ASCII text without line breaks."""
SNS_TEXT: Final = 20_000
"""Bytes: the text and its forms for the other protocols share the 262,144 of one message."""
_FOOT: Final = "Sent by Cronmend, which watches this account's scheduled jobs."


def sns_subject(report: Report) -> str:
    """SNS refuses more than 99 characters, control characters and anything but ASCII."""
    plain = unicodedata.normalize("NFKD", one_line(report.headline)).encode("ascii", "ignore").decode()
    return clip(one_line(f"[{report.kind.value}] {plain}"), SNS_SUBJECT, cut="...")


def sns_text(report: Report) -> str:
    """The cause first, then what happens, then what it was concluded from."""
    return clip_bytes("\n".join(_lines(report)), SNS_TEXT)


def _lines(report: Report) -> Iterator[str]:
    yield one_line(report.headline)
    yield from _said("Where it stands", report.status)
    yield from _said("What happens now", report.what_happens)
    yield from _said("What to do", report.advice)
    yield from _listed("Jobs", [*report.jobs, *([f"and {report.others} more"] if report.others else [])])
    yield from _listed("From its log", list(report.excerpt))
    yield from _listed("Evidence", _table(report.facts))
    yield from _listed("Look at", _table(report.links))
    yield from _listed("To see more", [report.command] if report.command else [])
    yield ""
    yield _FOOT


def _said(label: str, text: str) -> Iterator[str]:
    if text:
        yield ""
        yield f"{label}: {one_line(text)}"


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if any(lines):
        yield ""
        yield f"{title}:"
        yield from (f"  {clean(line).rstrip()}" for line in lines)


def _table(rows: tuple[tuple[str, str], ...]) -> list[str]:
    width = max((len(label) for label, _ in rows), default=0)
    return [f"{one_line(label):{width}}  {one_line(value)}" for label, value in rows]
