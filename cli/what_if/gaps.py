"""What of the past couldn't be read, and what to do about it. Pure."""

from collections.abc import Iterator

from cli.what_if.past import NoLog, Past
from cronmend.model import Missing
from cronmend.wording import times

_REST = "Allow what `cronmend what-if --permissions` prints"
LIMITS = (
    "exit codes: ECS forgets a stopped task after about an hour, so a run counts as failed or succeeded only if its "
    "own log says so. If your jobs have words of their own for a success, give them with --success",
    "when a migration ran outside ECS, such as on a CI runner: a re-run after such a deploy is only said to have "
    "been possible, unless --migrates-before-rollout says that your pipeline migrates first",
    "earlier targets of schedules: each is taken to be the revision of the job's latest run",
)
"""What AWS doesn't keep, as clauses."""


def gaps(past: Past) -> tuple[str, ...]:
    return tuple(_gaps(past))


def _gaps(past: Past) -> Iterator[str]:
    trail = past.trail
    if trail.since:
        yield f"Only the newest RunTask events were read, back to {trail.since:%Y-%m-%d %H:%M} UTC. Raise --most."
    if trail.unreadable:
        yield f"{times(trail.unreadable, 'RunTask event')} can't be read by this version, so those runs are missing."
    if past.unread:
        yield f"{times(len(past.unread), 'schedule')} couldn't be read ({past.unread[0]}). {_REST}."
    if isinstance(past.services, Missing):
        reason = past.services.reason
        yield f"The deployments of services couldn't be read ({reason}), so no failure counts as a deploy's. {_REST}."
    unknown = [each.reason for each in past.definitions.values() if isinstance(each, Missing)]
    if unknown:
        yield f"{times(len(unknown), 'task definition')} couldn't be read ({unknown[0]}), nor the logs of their runs."
    denied = sum(isinstance(log, NoLog) and log.denied for log in past.logs.values())
    if denied:
        yield f"The logs of {times(denied, 'run')} may not be read: AWS denied logs:GetLogEvents. {_REST}."
