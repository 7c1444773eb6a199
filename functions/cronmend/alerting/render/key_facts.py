"""The few facts that a message shows at a glance. Pure."""

from collections.abc import Sequence
from typing import Final

from cronmend.alerting.render.text import one_line
from cronmend.model.report import Fact, FactKey, Report

MOST: Final = 3
_BY_NEED: Final = (
    *(FactKey.DEPLOY, FactKey.DEPLOY_THEN, FactKey.IMAGE, FactKey.LINE, FactKey.ATTEMPT, FactKey.FAILED_WITH),
    *(FactKey.LAST_SUCCESS, FactKey.CHANGED_SINCE, FactKey.RAN_FOR, FactKey.FAILED_RUNS, FactKey.SLOT),
    *(FactKey.FIRST_JOB, FactKey.LIMIT, FactKey.REASON),
)
"""What a person asks first comes first; what isn't here, such as the rule, is for whoever looks closer."""


def key_facts(report: Report) -> Sequence[Fact]:
    """At most three. The state of the deploy is among them, if the report has it."""
    known = {each.key: each for each in report.facts if one_line(each.value) and not _is_marked(report, each)}
    return [known[key] for key in _BY_NEED if key in known][:MOST]


def _is_marked(report: Report, fact: Fact) -> bool:
    """The excerpt shows the line that decided."""
    return fact.key is FactKey.LINE and any(line.strip() for line in report.excerpt)
