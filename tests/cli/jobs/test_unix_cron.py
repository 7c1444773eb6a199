from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

import pytest

from cli.jobs.unix_cron import is_unix, translated
from cronmend.jobs.cron import CronError, parse


@pytest.mark.parametrize(
    ("unix", "aws"),
    [
        ("0 * * * *", "cron(0 * * * ? *)"),
        ("*/15 9-17 * * 1-5", "cron(*/15 9-17 ? * MON-FRI *)"),
        ("0 0 * * 0", "cron(0 0 ? * SUN *)"),
        ("0 0 * * 7", "cron(0 0 ? * SUN *)"),
        ("0 0 * * 5-7", "cron(0 0 ? * SUN,FRI,SAT *)"),
        ("0 0 * * 0,6", "cron(0 0 ? * SUN,SAT *)"),
        ("0 0 * * */2", "cron(0 0 ? * SUN,TUE,THU,SAT *)"),
        ("0 0 * * 0-6", "cron(0 0 ? * * *)"),
        ("0 0 * * mon-fri", "cron(0 0 ? * MON-FRI *)"),
        ("0 0 1,15 * *", "cron(0 0 1,15 * ? *)"),
        ("0 0 1 jan *", "cron(0 0 1 JAN ? *)"),
        ("@daily", "cron(0 0 * * ? *)"),
        ("@weekly", "cron(0 0 ? * SUN *)"),
        ("rate(1 hours)", "rate(1 hour)"),
    ],
)
def test_the_same_slots_in_awss_words(unix: str, aws: str) -> None:
    assert translated(unix) == aws


@pytest.mark.parametrize(
    ("unix", "remedy"),
    [
        ("0 9 1 * 1", "make two jobs: '0 9 1 * *' and '0 9 * * 1'"),
        ("@reboot", "write cron"),
        ("0 0 * * 8", "write days from 0"),
        ("0 0 * * 5-1", "write 5-6,0-1"),
        ("60 0 * * *", "write 0-59"),
        ("0 0 * * MON#2", "AWS's cron"),
    ],
)
def test_an_expression_without_aws_equivalent_is_rejected(unix: str, remedy: str) -> None:
    with pytest.raises(CronError) as caught:
        translated(unix)
    assert remedy in str(caught.value)


def test_the_fields_of_a_crontab_are_recognized() -> None:
    assert is_unix("0 0 * * *")
    assert not is_unix("cron(0 0 * * ? *)")
    assert not is_unix("0 0 * * ? *")


def test_weekdays_fall_on_the_days_that_a_crontab_means() -> None:
    random = Random(3)  # noqa: S311 - test data
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(50):
        days = sorted({random.randint(0, 7) for _ in range(random.randint(1, 4))})
        meant = {day % 7 for day in days}
        following = (first + timedelta(days=number) for number in range(1, 60))
        wanted = [day for day in following if day.isoweekday() % 7 in meant]
        schedule = parse(translated(f"0 0 * * {','.join(map(str, days))}"))
        assert [slot.at for slot in islice(schedule.after(first), 5)] == wanted[:5]
