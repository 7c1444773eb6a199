from collections.abc import Callable

import pytest

from cli.board.pictures import alert_page, email_page, group_page, heal_page


@pytest.mark.parametrize("page", [alert_page, email_page, group_page, heal_page])
def test_each_picture_of_a_message_is_about_the_missing_table(page: Callable[[], str]) -> None:
    assert "events_venue" in page()


def test_the_alert_has_its_buttons_and_the_group_its_jobs() -> None:
    assert "Acknowledge" in alert_page()
    assert "cronmend-jobs/send-report" in group_page()
