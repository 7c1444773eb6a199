"""A report as the text of an email. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from cronmend.alerting.render.key_facts import key_facts
from cronmend.alerting.render.text import clean, clip, clip_bytes, in_ascii, one_line
from cronmend.model.report import Fact, Report

SNS_SUBJECT: Final = 99
"""Below 100 characters, of ASCII text without line breaks."""
SNS_TEXT: Final = 20_000
"""Bytes: the text and its forms for other protocols share the 262,144 bytes of one message."""
_RULE: Final = "-" * 40
_FOOT: Final = "Sent by Cronmend, which watches this account's scheduled jobs."


def sns_subject(report: Report) -> str:
    """SNS rejects subjects with more than 99 characters, control characters or non-ASCII characters."""
    plain = in_ascii(one_line(report.short_headline or report.headline))
    return clip(plain or report.kind.value, SNS_SUBJECT, cut="...")


def sns_text(report: Report) -> str:
    """Starts with what happens, because mail programs show that beside the subject.

    A mail program may show it in letters of any width, so nothing is aligned; an address has a line of its own.
    """
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
    first = key_facts(report)
    yield from _block("", _facts(first))
    yield from _block("Jobs", [*report.jobs, *([f"and {report.others} more"] if report.others else [])])
    yield from _block("Log", report.excerpt, indent="  ")
    yield from _block("Links", [line for label, address in report.links for line in (f"{label}:", address)])
    yield from _block("Details", [*_more(report), *_facts([each for each in report.facts if each not in first])])
    yield ""
    yield _FOOT


def _paragraph(label: str, text: str) -> Iterator[str]:
    if text:
        yield ""
        yield f"{label}: {one_line(text)}"


def _more(report: Report) -> Iterator[str]:
    if report.command:
        yield f"Command: {report.command}"
    if report.status:
        yield f"Status: {report.status}"


def _block(title: str, lines: Sequence[str], indent: str = "") -> Iterator[str]:
    if any(lines):
        yield ""
        yield from (title.upper(), _RULE) if title else ()
        yield from (f"{indent}{clean(line).rstrip()}" for line in lines)


def _facts(facts: Sequence[Fact]) -> list[str]:
    return [f"{one_line(each.label)}: {one_line(each.value)}" for each in facts]
