"""What a dashboard sends: its range of time, its theme, and the fields of the widget's form."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cronmend.errors import BadEvent
from cronmend.incoming.dashboard_events import BoardRequest, asks_what_it_is, board_request, press, theme
from cronmend.model.presses import Button
from tests.fakes import NOW
from tests.samples import event

AT = datetime(2026, 5, 6, 11, tzinfo=UTC)


def context(**changes: Any) -> dict[str, Any]:
    return {"widgetContext": {**event("job_board/board.json")["widgetContext"], **changes}}


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def form(**fields: str) -> dict[str, Any]:
    return context(forms={"all": fields})


def pressed(**changes: Any) -> Any:
    return press({**event("board_action/press_acknowledge.json"), **changes}, "request-1", NOW)


def test_the_boards_range_and_theme_are_the_dashboards() -> None:
    shown = {"start": millis(AT), "end": millis(NOW)}
    assert board_request(context(timeRange=shown, theme="dark")) == BoardRequest("dark", (AT, NOW))


def test_a_zoom_counts_before_the_range() -> None:
    shown = {"start": 0, "end": 1, "zoom": {"start": millis(AT), "end": millis(NOW)}}
    assert board_request(context(timeRange=shown)).span == (AT, NOW)


def test_without_a_dashboard_everything_has_its_default() -> None:
    assert board_request({}) == BoardRequest("light", None)
    assert theme({}) == "light"


def test_the_form_counts_before_the_parameter_also_when_it_is_empty() -> None:
    assert board_request({**form(find="shop"), "find": "old", "state": "failed", "page": 2}).text == "shop"
    assert board_request({**form(find=""), "find": "old"}).text == ""
    assert board_request({**context(), "find": "old"}).text == "old"


def test_a_person_may_ask_what_a_function_is_for() -> None:
    assert asks_what_it_is({"describe": True})
    assert not asks_what_it_is(context())


def test_who_pressed_is_what_they_typed_with_the_dashboards_name() -> None:
    found = pressed()
    assert (found.button, found.by) == (Button.ACKNOWLEDGE, "Ann (dashboard cronmend-eu-west-2)")
    assert (found.at, found.id, found.where) == (NOW, "dashboard-request-1", "on the dashboard")


@pytest.mark.parametrize("typed", ["", "  ", "\x1b\n"])
def test_a_person_without_a_name_is_someone(typed: str) -> None:
    assert pressed(**form(by=typed)).by == "someone (dashboard cronmend-eu-west-2)"


def test_a_name_is_one_short_line() -> None:
    assert pressed(**form(by="Ann\n" + "x" * 200)).by == f"Ann {'x' * 76} (dashboard cronmend-eu-west-2)"


def test_a_job_without_an_open_incident_names_none() -> None:
    assert pressed(incident="").incident == ""


@pytest.mark.parametrize("wrong", [{"button": "reboot"}, {"job": None}, {"job": "x" * 600}, {"incident": 7}])
def test_another_form_of_a_button_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadEvent, match="see events/board_action/"):
        pressed(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": "two"},
        {"job": "x" * 600},
        context(timeRange={"start": "now"}),
        context(timeRange={"start": 2, "end": 1}),
        context(timeRange={"start": -5, "end": 1}),
        context(timeRange={"start": 1, "end": 1e300}),
    ],
)
def test_another_form_of_a_request_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadEvent, match="see events/job_board/"):
        board_request(wrong)
