"""What a CloudWatch dashboard sends to the function of a custom widget, and to one that a button in it names. Pure.

Shape: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html. Nothing
in it says who looks or clicks: CloudWatch calls the function with that person's own permissions.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from cronmend.errors import BadEvent, refusing
from cronmend.incoming.envelope import Json, persons_name, short_text, text
from cronmend.model.presses import Button, Press

_LONGEST_SEARCH = 100
_SOMEONE = "someone"
_EPOCH = datetime.fromtimestamp(0, UTC)


class BoardRequest(Struct, frozen=True):
    theme: str
    """``light`` or ``dark``."""
    span: tuple[datetime, datetime] | None
    """The dashboard's range of time, or the part to which it is zoomed; None without a dashboard."""
    text: str = ""
    state: str = ""
    page: int = 1
    job: str = ""
    """``""`` for the board."""


def asks_what_it_is(event: Json) -> bool:
    """CloudWatch asks so for the documentation of a widget that someone adds to a dashboard."""
    return isinstance(event, Mapping) and bool(event.get("describe"))


def board_request(event: Json) -> BoardRequest:
    """A field of the widget's form counts before the parameter of the same name.

    Raises:
        BadEvent: it is not in the form that CloudWatch sends.
    """
    with refusing(lambda error: BadEvent(f"not an event of a custom widget: {error}; see events/job_board/")):
        context = _context(event)
        return BoardRequest(
            theme=theme(event),
            span=_span(context),
            text=str(_fields(context).get("find", event.get("find")) or "")[:_LONGEST_SEARCH],
            state=str(event.get("state") or ""),
            page=int(event.get("page") or 1),
            job=short_text(event, "job") if event.get("job") else "",
        )


def press(event: Json, request_id: str, now: datetime) -> Press:
    """A click on a button of a job's page.

    Args:
        request_id: Lambda's ID of the invocation.

    Raises:
        BadEvent: it is not in the form that the board gives to its buttons.
    """
    with refusing(lambda error: BadEvent(f"not a button of the board: {error}; see events/board_action/")):
        context = _context(event)
        dashboard = str(context.get("dashboardName") or "")
        name = persons_name(str(_fields(context).get("by") or "")) or _SOMEONE
        return Press(
            button=Button(text(event, "button")),
            job=short_text(event, "job"),
            incident=short_text(event, "incident") if event.get("incident") else "",
            by=f"{name} (dashboard {dashboard})" if dashboard else name,
            at=now,
            id=f"dashboard-{request_id}",
            where="on the dashboard",
        )


def theme(event: Json) -> str:
    """The dashboard's; light without one."""
    return "dark" if _context(event).get("theme") == "dark" else "light"


def _context(event: Json) -> Mapping[str, Any]:
    found = event.get("widgetContext")
    return found if isinstance(found, Mapping) else {}


def _fields(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is in the widget's form fields, by their names."""
    forms = context.get("forms")
    found = forms.get("all") if isinstance(forms, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _span(context: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    if not (shown := context.get("timeRange")):
        return None
    shown = shown.get("zoom") or shown
    start, end = (datetime.fromtimestamp(shown[name] / 1000, UTC) for name in ("start", "end"))
    if not _EPOCH <= start <= end:
        raise ValueError(f"timeRange is {shown}")
    return start, end
