"""The times and counts that the guides name are those of the code."""

from datetime import timedelta
from types import ModuleType

import pytest

from cronmend.alerting import conversations, headlines, render, reports
from cronmend.errors import Retryable
from cronmend.healing import backoff, budgets, guards
from cronmend.use_cases import reads, reconcile
from cronmend.use_cases.alerting import acknowledge, delivery, presses
from cronmend.use_cases.healing import attempts
from cronmend.use_cases.reconciling import doubts, in_use
from tests import ROOT

DAY, HOUR, MINUTE, SECOND = (timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes", "seconds"))


@pytest.mark.parametrize(
    ("guide", "words", "module", "name", "value"),
    [
        ("alerts", "A message names at most 40 jobs.", reports, "MOST_JOBS", 40),
        ("alerts", "more than ten causes appear in a channel within a minute", conversations, "BURST", 10),
        ("alerts", "shortened to 99 characters", render, "SNS_SUBJECT", 99),
        ("alerts", "shortened to 99 characters", headlines, "SHORT", 99),
        ("alerts", "in at most 140 characters of the basic SMS alphabet", render, "MAX_SMS", 140),
        ("alerts", "a duration (`30m`, `8h`, `2d`), at most 30 days", acknowledge, "LONGEST_MUTE", 30 * DAY),
        ("alerts", "**Mute for a day** counts from the click.", presses, "MUTE", DAY),
        ("alerts", "the third try fails", delivery, "FALLBACK_AFTER", 3),
        ("alerts", "the tenth try fails", delivery, "TRIES", 10),
        ("healing", "the upper limit doubles with each re-run, up to an hour", backoff, "LONGEST", HOUR),
        ("healing", "the job's re-runs of the last 24 hours", budgets, "DAY", DAY),
        ("healing", "for 90 seconds after a scheduled time", guards, "STARTING", 90 * SECOND),
        ("healing", "after 50 minutes it stops and alerts", attempts, "TOKEN_LIFE", 50 * MINUTE),
        ("healing", "until five minutes after the event's first delivery", reads, "PATIENCE", 5 * MINUTE),
        ("healing", "If the job exited with 0, it waits an hour", reads, "PATIENCE_WITH_SUCCESS", HOUR),
        ("deploy", "if something is overdue by more than 15 minutes", reconcile, "LATE", 15 * MINUTE),
        ("missed-runs", "it asks again for four minutes", doubts, "ASKED_FOR", 4 * MINUTE),
        ("missed-runs", "the job's last 20 starts", doubts, "_LEARNED_FROM", 20),
        ("missed-runs", "DescribeTaskDefinition an hour, at most 100", in_use, "MOST_READ", 100),
    ],
)
def test_a_number_in_a_guide_is_the_codes(guide: str, words: str, module: ModuleType, name: str, value: object) -> None:
    text = " ".join((ROOT / f"docs/{guide}.md").read_text(encoding="utf-8").split())
    assert words in text
    assert getattr(module, name) == value


def test_a_channel_is_tried_again_as_the_guide_says() -> None:
    waits = [delivery.wait_after(Retryable("503"), tries) for tries in range(10)]
    assert waits[:3] == [15 * SECOND, 30 * SECOND, MINUTE]
    assert waits[-1] == 15 * MINUTE
