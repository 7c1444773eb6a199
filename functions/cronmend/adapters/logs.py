"""The tail of one CloudWatch Logs stream.

An empty page is not the end of a stream, and a page may have any part of it: at the end, the token stops changing
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html). A stream
may appear seconds late, and a task that never ran has none.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.config import Config

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.reads import denials
from cronmend.errors import NotFound, Permanent
from cronmend.model import Log, LogPlace, Missing
from cronmend.model.expected_logs import WholeLog

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_logs.type_defs import GetLogEventsResponseTypeDef

PATIENT = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 6}))
"""In a storm, GetLogEvents is what AWS throttles first: with two more tries, no diagnosis lacks its log
(`cronmend bench storm --quotas`)."""
_SERVICE = "logs"
MAX_LINES = 2_000
"""Counted from the end: a traceback with its causes takes tens of lines, telemetry after it hundreds."""
ENOUGH = 30
"""Lines of a page that doesn't begin within a traceback: older ones don't show what ended the process."""
MAX_PAGES = 10
MOST_LINES = 20_000
"""Of a whole log, counted from the end."""
LATE = (2.0, 5.0, 10.0)
"""Seconds to wait before each retry if the stream doesn't exist yet or is empty."""

type HasEnough = Callable[[Sequence[str]], bool]
"""Whether no older lines are needed."""


class CloudWatchLogs:
    permissions = ("logs:GetLogEvents",)

    def __init__(
        self,
        client: Callable[[str], "CloudWatchLogsClient"] | None = None,
        late: Sequence[float] = LATE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``client`` returns the client of a region: a log may be in another region than its task."""
        self._client = client or (lambda region: session().client("logs", region_name=region, config=PATIENT))
        self._late = late
        self._sleep = sleep

    def tail(self, place: LogPlace) -> Log | Missing:
        log = self._waited(place, _has_the_end, lambda found: bool(found.lines))
        if isinstance(log, Missing):
            return log
        return log.lines[-MAX_LINES:] or Missing(f"log stream {place.stream} in {place.group} is empty")

    def whole(self, place: LogPlace, is_complete: Callable[[WholeLog], bool]) -> WholeLog | Missing:
        return self._waited(place, _has_most, is_complete)

    def last_event_at(self, place: LogPlace) -> datetime | Missing | None:
        """When the last line was written. A stream that doesn't exist is missing: nothing may have been written yet."""
        try:
            with denials(f"read the last line of log stream {place.stream} in {place.group}", _SERVICE):
                page = next((page for page, _ in self._newest_first(place, limit=1) if page["events"]), None)
        except (NotFound, Permanent) as error:
            return Missing(str(error))
        return datetime.fromtimestamp(page["events"][-1]["timestamp"] / 1000, UTC) if page else None

    def _waited(
        self, place: LogPlace, has_enough: HasEnough, is_there: Callable[[WholeLog], bool]
    ) -> WholeLog | Missing:
        """Read again what isn't there yet, as long as lines may come late. What can't be read won't come."""
        try:
            log = self._read(place, has_enough)
            for seconds in self._late:
                if isinstance(log, WholeLog) and is_there(log):
                    break
                self._sleep(seconds)
                log = self._read(place, has_enough)
        except Permanent as error:
            return Missing(str(error))
        return log

    def _newest_first(self, place: LogPlace, limit: int) -> Iterator[tuple["GetLogEventsResponseTypeDef", bool]]:
        """At most ``MAX_PAGES`` pages of a stream, the one with its end first; each with whether it is the last."""
        client, token = self._client(place.region), ""
        for _ in range(MAX_PAGES):
            page = client.get_log_events(
                logGroupName=place.group,
                logStreamName=place.stream,
                limit=limit,
                startFromHead=False,
                **({"nextToken": token} if token else {}),  # type: ignore[arg-type] # it must be absent at first
            )
            is_last = token == page["nextBackwardToken"]
            yield page, is_last
            if is_last:
                return
            token = page["nextBackwardToken"]

    def _read(self, place: LogPlace, has_enough: HasEnough) -> WholeLog | Missing:
        """
        Raises:
            Permanent: AWS refuses the call, as it would again.
        """
        try:
            with denials(f"read log stream {place.stream} in {place.group}", _SERVICE):
                return self._pages(place, has_enough)
        except NotFound as error:
            return Missing(f"the log doesn't exist: {error}")

    def _pages(self, place: LogPlace, has_enough: HasEnough) -> WholeLog:
        lines: list[str] = []
        for page, is_last in self._newest_first(place, MAX_LINES):
            lines = [event.get("message", "") for event in page["events"]] + lines
            if is_last:
                return WholeLog(tuple(lines))
            if has_enough(lines):
                break
        return WholeLog(tuple(lines), from_start=False)


def _has_most(lines: Sequence[str]) -> bool:
    return len(lines) >= MOST_LINES


def _has_the_end(lines: Sequence[str]) -> bool:
    """Whether what ended the process is in the lines: a page may be cut anywhere, also within a traceback."""
    return len(lines) >= MAX_LINES or (len(lines) >= ENOUGH and not lines[0][:1].isspace())
