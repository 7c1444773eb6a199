"""Read what the doctor checks. No read stops the others: what couldn't be read is Missing, with the reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from cli.doctor.account import AccountReader
from cli.doctor.channels import ChannelReader
from cli.doctor.facts import Alarm, Alarms, Deployed, Facts, Function, PublishedFiles, Rule, Table
from cli.doctor.permissions import PermissionReader
from cli.doctor.sample_events import samples
from cli.installing.template import BUCKET
from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.aws import AWS_ERRORS
from cronmend.adapters.ledger.published import File, Published
from cronmend.deploys.following import Following
from cronmend.deploys.holds import Hold
from cronmend.errors import UNREADABLE, CronmendError
from cronmend.jobs import policies
from cronmend.model import Missing

EXPECTED = (*AWS_ERRORS, CronmendError, CommandError, OSError, *UNREADABLE)
"""Why a read may fail: AWS refuses it or doesn't answer, or the answer isn't as documented."""
_AT_ONCE = 100
"""The most alarms that DescribeAlarms accepts by name."""


def tried[T](ask: Callable[[], T]) -> T | Missing:
    try:
        return ask()
    except EXPECTED as error:
        return Missing(str(error) or type(error).__name__)


@dataclass(frozen=True)
class Gatherer:
    stack: Stack
    now: datetime
    built: Path
    """The policies that `make deploy` packaged last; not those of this project, which are the example site's."""

    def facts(self, progress: Callable[[str], None]) -> Facts:
        """``progress`` takes the name of the part that is read next."""

        def part[T](name: str, ask: Callable[[], T]) -> T | Missing:
            progress(name)
            return tried(ask)

        account = AccountReader(self.stack)
        channels = ChannelReader(self.stack)
        return Facts(
            now=self.now,
            stack=part("stack", self._stack),
            rules=part("rules", lambda: list(self._rules())),
            functions=part("functions", lambda: list(self._functions())),
            permissions=part("permissions", lambda: PermissionReader(self.stack, self._functions_by_id).permissions()),
            table=part("ledger", self._table),
            alarms=part("alarms", self._alarms),
            topic=part("topic", channels.topic),
            secrets=part("secrets", channels.secrets),
            slack=part("slack", channels.slack),
            clusters=part("clusters", account.clusters),
            scheduled=part("schedules", account.scheduled),
            policies=part("policies", self._policies),
            published=part("published files", self._published),
            dead_letters=part("dead letters", self._dead_letters),
            holds=part("holds", self._holds),
            followings=part("schedules that follow", self._followings),
            known=part("findings", self.stack.findings.read),
            mode=part("mode", self.stack.mode),
            circuit_until=part("circuit", lambda: self.stack.circuit.open_until(self.now)),
        )

    def _stack(self) -> Deployed:
        return Deployed(self.stack.status, self.stack.outputs.get("Version", ""), self.stack.parameters)

    def _policies(self) -> Sequence[str]:
        """The jobs with a policy that the functions use."""
        if published := self._publication(File.JOBS):
            return list(policies.read(published.text).jobs)
        if BUCKET in self.stack.parameters:  # a release's package has none
            return []
        if not self.built.exists():
            raise CommandError(f"there is no {self.built}; name the directory that you deploy from with --account")
        return list(policies.read(self.built.read_text(encoding="utf-8")).jobs)

    def _published(self) -> PublishedFiles | None:
        if not self.stack.takes_published:
            return None
        return {file: found for file in File if (found := self._publication(file))}

    @cached_property
    def _publication(self) -> Callable[[File], Published | None]:
        """Reads each file once. None if no one has published it, or the functions use that of their package."""
        return cache(lambda file: self.stack.published.read(file) if self.stack.takes_published else None)

    @cached_property
    def _resources(self) -> Sequence[tuple[str, str, str]]:
        """Type, name in the template, name in the account."""
        pages = (
            self.stack.client("cloudformation")
            .get_paginator("list_stack_resources")
            .paginate(StackName=self.stack.name)
        )
        found = [each for page in pages for each in page["StackResourceSummaries"]]
        return [(each["ResourceType"], each["LogicalResourceId"], each.get("PhysicalResourceId", "")) for each in found]

    def _of_type(self, kind: str) -> Iterator[tuple[str, str]]:
        return ((logical, physical) for type_, logical, physical in self._resources if type_ == kind)

    @cached_property
    def _functions_by_id(self) -> Mapping[str, str]:
        return dict(self._of_type("AWS::Lambda::Function"))

    def _rules(self) -> Iterator[Rule]:
        events, known = self.stack.client("events"), samples(self.stack)
        for logical, physical in self._of_type("AWS::Events::Rule"):
            name = physical.rpartition("|")[2]
            rule = events.describe_rule(Name=name)
            pattern, event = rule.get("EventPattern"), known.get(logical)
            matches = None
            if pattern and event:
                matches = bool(events.test_event_pattern(EventPattern=pattern, Event=event)["Result"])
            targets = events.list_targets_by_rule(Rule=name)["Targets"]
            yield Rule(logical, rule.get("State") != "DISABLED", len(targets), matches)

    def _functions(self) -> Iterator[Function]:
        client = self.stack.client("lambda")
        for name in self._functions_by_id.values():
            found = client.get_function(FunctionName=name)
            raw, reserved = found["Configuration"], found.get("Concurrency", {}).get("ReservedConcurrentExecutions")
            sources = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
            states = {each["EventSourceArn"].partition("/stream/")[0].split(":")[-1]: each["State"] for each in sources}
            yield Function(name, raw.get("State", ""), raw.get("LastUpdateStatus", ""), reserved, states)

    def _table(self) -> Table:
        client, name = self.stack.dynamodb, self.stack.table
        raw = client.describe_table(TableName=name)["Table"]
        expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        return Table(
            raw["TableStatus"],
            bool(raw.get("StreamSpecification", {}).get("StreamEnabled")),
            [each["IndexName"] for each in raw.get("GlobalSecondaryIndexes", [])],
            expiry.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"},
        )

    def _alarms(self) -> Alarms:
        names = [physical for _, physical in self._of_type("AWS::CloudWatch::Alarm")]
        client = self.stack.client("cloudwatch")
        found: list[Alarm] = []
        for first in range(0, len(names), _AT_ONCE):
            answer = client.describe_alarms(AlarmNames=names[first : first + _AT_ONCE], MaxRecords=_AT_ONCE)
            found += [_alarm(each) for each in answer["MetricAlarms"]]
        return Alarms(found, sorted(set(names) - {each.name for each in found}))

    def _dead_letters(self) -> Mapping[str, int]:
        queues = {name.removesuffix("Url"): url for name, url in self.stack.outputs.items() if "DeadLetters" in name}
        return {name: self.stack.queued(url) for name, url in queues.items()}

    def _followings(self) -> Sequence[Following]:
        return self.stack.followings.all()

    def _holds(self) -> Sequence[Hold]:
        return [hold for arn in self.stack.cluster_arns for hold in self.stack.holds.of(arn)]


def _alarm(raw: Mapping[str, Any]) -> Alarm:
    notifies = bool(raw.get("ActionsEnabled", True) and raw.get("AlarmActions"))
    return Alarm(raw["AlarmName"], raw.get("StateValue", ""), notifies, raw.get("AlarmDescription", ""))
