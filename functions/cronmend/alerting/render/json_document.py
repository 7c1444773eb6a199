"""A report for programs: a JSON document with a version, as described in docs/schemas. Pure."""

import json
from typing import Any, Final

from cronmend.alerting.render.text import clean, clip_bytes
from cronmend.model.report import Report

VERSION: Final = "1"
MAX_JSON: Final = 16_000
"""Bytes. An SNS message contains it for five protocols, each as a string within a string."""
_TEXT: Final = 1_500
_SHORT: Final = 300
_MANY: Final = ("excerpt", "facts_by_key", "facts", "links", "jobs")
"""The fields that are shortened, in this order, if the document is too long."""


def as_json(report: Report) -> str:
    """All fields in a stable order, at most :data:`MAX_JSON` bytes."""
    document = document_of(report)
    for name in _MANY:
        while document[name] and _size(document) > MAX_JSON:
            document[name] = _halved(name, document[name])
    document["others"] += len(report.jobs) - len(document["jobs"])
    return _json(document)


def document_of(report: Report) -> dict[str, Any]:
    return {
        "version": VERSION,
        "kind": report.kind.value,
        "job": _text(report.job, _SHORT),
        "incident": _text(report.incident, _SHORT),
        "category": report.category.value,
        "severity": _text(report.severity, _SHORT),
        "cause": _text(report.cause, _SHORT),
        "stage": report.stage.value,
        "status": _text(report.status, _SHORT),
        "headline": _text(report.headline, _TEXT),
        "what_happens": _text(report.what_happens, _TEXT),
        "advice": _text(report.advice, _TEXT),
        "facts": {_text(each.label, _SHORT): _text(each.value, _TEXT) for each in report.facts},
        "facts_by_key": {each.key.value: _text(each.value, _TEXT) for each in report.facts},
        "excerpt": [_text(line, _TEXT) for line in report.excerpt],
        "links": {_text(label, _SHORT): clean(address) for label, address in report.links if len(address) < 2 * _TEXT},
        "command": _text(report.command, _SHORT),
        "jobs": [_text(job, _SHORT) for job in report.jobs],
        "others": report.others,
    }


def _halved(name: str, value: Any) -> Any:
    """The start of an excerpt is cut, because the error is at its end."""
    keep = len(value) // 2
    if isinstance(value, dict):
        return dict(list(value.items())[:keep])
    return value[len(value) - keep :] if name == "excerpt" else value[:keep]


def _text(text: str, limit: int) -> str:
    return clip_bytes(clean(text), limit)


def _size(document: dict[str, Any]) -> int:
    return len(_json(document).encode())


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
