"""The log of a run that the ledger has on record."""

from cli.on_call.reader import Reader
from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.model import Log, LogPlace, Missing
from cronmend.model.incident import Incident, RunRecord


def place_of(reader: Reader, run: RunRecord, incident: Incident | None) -> LogPlace | Missing:
    """As the incident keeps it of its latest failure; of an earlier run, from the run's task definition."""
    failed = reader.failed(run, incident)
    if failed and failed.log:
        return failed.log
    if run.ran is False:
        return Missing("the container never ran, so it wrote nothing")
    definition = EcsTaskDefinitions(reader.stack.client("ecs")).get(run.task_definition)
    if isinstance(definition, Missing):
        return definition
    latest = incident.failed.container.name if incident and incident.failed else ""
    name = latest if latest in definition.logs else next(iter(definition.logs), "")
    return definition.log_of(name, run.task_id)


def tail(stack: Stack, place: LogPlace | Missing) -> Log | Missing:
    """The end of the log, as it is now."""
    if isinstance(place, Missing):
        return place
    return CloudWatchLogs(lambda region: stack.session.client("logs", region_name=region), late=()).tail(place)


def lines_of(stack: Stack, place: LogPlace | Missing) -> Log:
    """
    Raises:
        CommandError: the log can't be read; the message says why.
    """
    found = tail(stack, place)
    if isinstance(found, Missing):
        raise CommandError(f"The log can't be read: {found.reason}.")
    return found
