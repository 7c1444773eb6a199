"""The logs of past runs, each with the times of its first and last lines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from cli.what_if.past import DatedLog, NoLog
from cronmend.adapters.aws import ErrorAnswer
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.model import LogPlace, Missing


@dataclass
class _Dated:
    """A client of CloudWatch Logs that keeps the times of the lines it reads."""

    client: Any
    times: list[int] = field(default_factory=list)
    """In milliseconds since 1970."""
    error: str = ""
    """The code of AWS's latest error; ``""`` if there was none."""

    def get_log_events(self, **request: Any) -> Any:
        try:
            answer = self.client.get_log_events(**request)
        except ClientError as error:
            self.error = ErrorAnswer.of(error).code
            raise
        self.times += [each["timestamp"] for each in answer["events"]]
        return answer


@dataclass(frozen=True, slots=True)
class PastLogs:
    permissions = CloudWatchLogs.permissions

    client: Callable[[str], Any]
    """Takes the Region: a log may be in another one than its task."""

    def read(self, place: LogPlace) -> DatedLog | Missing:
        """The lines are read once: those of a run that ended long ago don't come late.

        Raises:
            Retryable: AWS doesn't answer.
        """
        dated = _Dated(self.client(place.region))
        lines = CloudWatchLogs(lambda _: dated, late=()).tail(place)  # type: ignore[arg-type,return-value] # one call
        if isinstance(lines, Missing):
            return _no_log(dated.error, lines)
        return DatedLog(lines, _time(min(dated.times)), _time(max(dated.times)))


def _no_log(error: str, found: Missing) -> Missing:
    match error:
        case "":
            return NoLog("its log is empty")
        case "ResourceNotFoundException":
            return NoLog("its log is gone, or it never wrote one")
        case "AccessDeniedException":
            return NoLog("its log may not be read (AWS denied logs:GetLogEvents)", denied=True)
        case _:
            return found


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
