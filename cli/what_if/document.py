"""The answer as one JSON document, which ``--file`` reads again: a case can be opened without asking AWS again."""

from dataclasses import asdict
from typing import Any, Final

from cli.what_if.ending import End
from cli.what_if.judge import Case, Result, WhatIf
from cronmend.model import Policy

FORM: Final = 1


def document(found: WhatIf, policy: Policy, gaps: tuple[str, ...]) -> dict[str, Any]:
    least, most = found.alerts
    return {
        "form": FORM,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "policy": policy.value,
        "jobs": found.jobs,
        "runs": found.runs,
        **{end.value: found.ends.get(end, 0) for end in End},
        "why_not_known": dict(sorted(found.not_known.items(), key=lambda each: -each[1])),
        "by_deploy": _counts([each for each in found.cases if each.by_deploy]),
        "by_other_causes": _counts([each for each in found.cases if not each.by_deploy]),
        "alerts": {"least": least, "most": most},
        "gaps": [*gaps, *(f"Cronmend's own code failed: {each}" for each in found.errors)],
        "cases": [_case(each) for each in found.cases],
    }


def _counts(cases: list[Case]) -> dict[str, int]:
    results = [each.result for each in cases]
    return {"failed": len(cases), **{each.value: results.count(each) for each in Result}}


def _case(case: Case) -> dict[str, Any]:
    return {
        **asdict(case),
        "at": case.at.isoformat(),
        "category": case.category.value,
        "reasons": list(case.reasons),
        "reruns": [each.isoformat() for each in case.reruns],
        "result": case.result.value,
        "log": list(case.log),
    }
