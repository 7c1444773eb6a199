"""Schedules in words."""

import pytest

from cronmend.board.schedule_words import in_words


@pytest.mark.parametrize(
    ("expression", "words", "rest"),
    [
        ("rate(1 minute)", "Every minute", ""),
        ("rate(5 minutes)", "Every 5 min", ""),
        ("rate(1 hour)", "Hourly", ""),
        ("rate(2 days)", "Every 2 days", ""),
        ("at(2026-05-06T11:15:00)", "Once, 6 May 2026 at 11:15", "London"),
        ("cron(0 * * * ? *)", "Hourly at :00", "London"),
        ("cron(0/5 6-22 * * ? *)", "Every 5 min, 06–22", "London"),
        ("cron(5/15 * * * ? *)", "Every 15 min from :05", "London"),
        ("cron(30 8-18 ? * MON-FRI *)", "Hourly at :30, 08–18", "Weekdays, London"),
        ("cron(0 0/4 * * ? *)", "Every 4 h at :00", "London"),
        ("cron(15 2 * * ? *)", "Daily at 02:15", "London"),
        ("cron(0 9,13 ? * MON-FRI *)", "Weekdays at 09:00, 13:00", "London"),
        ("cron(0 17 ? * FRI *)", "Weekly, Fri at 17:00", "London"),
        ("cron(0 3 1 * ? *)", "Monthly on day 1 at 03:00", "London"),
        ("cron(0 3 L * ? *)", "Last day of the month at 03:00", "London"),
        ("cron(0 3 ? * 6L *)", "Last Fri of the month at 03:00", "London"),
        ("cron(0 3 ? JAN,JUL 2#1 *)", "1st Mon of the month at 03:00", "Jan Jul, London"),
        ("cron(5,7,13,44 1,3,9 * * ? *)", "cron(5,7,13,44 1,3,9 * * ? *)", "London"),
        ("cron(0 3 1,9,11,20 * ? *)", "cron(0 3 1,9,11,20 * ? *)", "London"),
        ("cron(0 3 15W * ? *)", "cron(0 3 15W * ? *)", "London"),
        ("cron(nonsense)", "cron(nonsense)", ""),
        ("", "On events", ""),
    ],
)
def test_a_schedule_in_words(expression: str, words: str, rest: str) -> None:
    assert in_words(expression, "Europe/London") == (words, rest)
