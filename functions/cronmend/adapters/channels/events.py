"""Reports as custom events on an EventBridge bus, for subscribers with a rule of their own."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.channels.answer_table import EVENTS, nature_of, refusal
from cronmend.adapters.channels.aws_answers import LATER, channel_errors
from cronmend.adapters.channels.contained import contained
from cronmend.alerting import render
from cronmend.alerting.conversations import MessageRef
from cronmend.errors import CronmendError
from cronmend.model.report import Report

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsResponseTypeDef

SOURCE: Final = "cronmend"
DETAIL_TYPE: Final = "Cronmend Incident Change"


class EventsChannel:
    """An entry may have 256 KB; the limits of a report keep its document far below that."""

    name = "events"
    groups = False
    gap = timedelta(0)
    permissions = ("events:PutEvents",)

    def __init__(self, bus_name: str = "default", client: "EventBridgeClient | None" = None) -> None:
        self._bus_name = bus_name
        self._client = client or session().client("events", config=CONFIG)

    @contained
    def send(self, report: Report, thread: MessageRef | None = None) -> None:
        """Ignores ``thread``: subscribers group events by ``incident``."""
        with channel_errors(EVENTS, f"put an event on the bus {self._bus_name}"):
            answer = self._client.put_events(
                Entries=[
                    {
                        "Source": SOURCE,
                        "DetailType": DETAIL_TYPE,
                        "Detail": render.as_json(report),
                        "EventBusName": self._bus_name,
                    }
                ]
            )
        if answer["FailedEntryCount"]:
            raise self._refused(answer)

    def _refused(self, answer: "PutEventsResponseTypeDef") -> CronmendError:
        """PutEvents succeeds even if it rejects the entry; the answer shows that."""
        entry = answer["Entries"][0] if answer["Entries"] else {}
        code = entry.get("ErrorCode", "no code")
        text = f"the bus {self._bus_name} refused an event: {code} {entry.get('ErrorMessage', '')}".rstrip()
        return refusal(nature_of(EVENTS, 0, code), text, LATER)
