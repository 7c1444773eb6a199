"""A report as the text of an email. Pure."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from cronmend.alerting.render.text import clean, clip, clip_bytes, one_line
from cronmend.model.report import Report

SNS_SUBJECT: Final = 99
"""Below 100 characters, of ASCII text without line breaks."""
SNS_TEXT: Final = 20_000
"""Bytes: the text and its forms for other protocols share the 262,144 bytes of one message."""
_FOOT: Final = "Sent by Cronmend, which watches this account's scheduled jobs."


def sns_subject(report: Report) -> str:
    """SNS rejects subjects with more than 99 characters, control characters or non-ASCII characters."""
    short = one_line(report.short_headline or report.headline)
    plain = one_line(unicodedata.normalize("NFKD", short).encode("ascii", "ignore").decode())
    return clip(plain or report.kind.value, SNS_SUBJECT, cut="...")


def sns_text(report: Report) -> str:
    """Starts with what happens, because mail programs show that beside the subject."""
    return clip_bytes("\n".join(_lines(report)), SNS_TEXT)


def _lines(report: Report) -> Iterator[str]:
    """Includes the headline only if the subject isn't all of it."""
    if report.short_headline or len(report.headline) > SNS_SUBJECT or not report.headline.isascii():
        yield one_line(report.headline)
        yield ""
    if report.is_over:
        yield one_line(f"{report.advice} {report.what_happens}")
    else:
        yield one_line(report.what_happens or report.status or report.kind.value)
        yield from _paragraph("What to do", report.advice)
    yield from _paragraph("Status", report.status)
    yield from _listed("Jobs", [*report.jobs, *([f"and {report.others} more"] if report.others else [])])
    yield from _listed("From its log", list(report.excerpt))
    yield from _listed("Details", _table([(each.label, each.value) for each in report.facts]))
    yield from _listed("Links", _table(report.links))
    yield from _listed("Command", [report.command] if report.command else [])
    yield ""
    yield _FOOT


def _paragraph(label: str, text: str) -> Iterator[str]:
    if text:
        yield ""
        yield f"{label}: {one_line(text)}"


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if any(lines):
        yield ""
        yield f"{title}:"
        yield from (f"  {clean(line).rstrip()}" for line in lines)


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(label) for label, _ in rows), default=0)
    return [f"{one_line(label):{width}}  {one_line(value)}" for label, value in rows]
