"""Deploy by a change set: what would change is known before anything does."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.console import as_sentence
from cli.on_call.stack import CommandError

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
"""Creates roles, and expands SAM's transform and the nested template."""
POLL_SECONDS = 3.0
LIMIT_SECONDS = 3600.0
_NOTHING = ("didn't contain changes", "No updates are to be performed")
"""CloudFormation has no code for this."""
_CONSEQUENCES = ("cancelled", "canceled")
"""In the reason of a resource that failed only because another one did."""

type Shown = Callable[[str], None]
"""Gets the name of a resource for each of its events."""


@dataclass(frozen=True, slots=True)
class Change:
    action: str
    resource: str
    kind: str
    replaced: str
    """``True``, ``Conditional`` or ``False``; empty for a resource that is new or goes."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One stack, changed by the change sets that this makes."""

    cloudformation: Any
    stack: str
    sleep: Callable[[float], None] = time.sleep

    def propose(
        self, url: str | None, parameters: Sequence[Mapping[str, Any]], tags: Mapping[str, str], *, is_new: bool
    ) -> str:
        """The ARN of the change set; empty if nothing would change.

        Args:
            url: of the template; None for the one that the stack has.
            tags: of the stack and its resources; without any, they keep those that they have.

        Raises:
            CommandError: CloudFormation can't make it.
        """
        tagged = {"Tags": [{"Key": name, "Value": value} for name, value in tags.items()]} if tags else {}
        template = {"UsePreviousTemplate": True} if url is None else {"TemplateURL": url}
        made = self.cloudformation.create_change_set(
            StackName=self.stack,
            ChangeSetName=f"cronmend-{time.time_ns()}",
            ChangeSetType="CREATE" if is_new else "UPDATE",
            Parameters=list(parameters),
            Capabilities=list(CAPABILITIES),
            **template,
            **tagged,
        )
        arn = str(made["Id"])
        for _ in self._moments():
            found = self.cloudformation.describe_change_set(ChangeSetName=arn, StackName=self.stack)
            if found["Status"] == "CREATE_COMPLETE":
                return arn
            if found["Status"] == "FAILED":
                self.drop(arn, is_new=is_new)
                return self._empty(str(found.get("StatusReason", "")))
        raise CommandError(f"CloudFormation made no change set of '{self.stack}' in an hour.")

    def changes(self, arn: str) -> Iterator[Change]:
        pages = self.cloudformation.get_paginator("describe_change_set")
        for page in pages.paginate(ChangeSetName=arn, StackName=self.stack):
            for each in (raw["ResourceChange"] for raw in page["Changes"]):
                resource, kind = each["LogicalResourceId"], each["ResourceType"]
                yield Change(each["Action"], resource, kind, each.get("Replacement", ""))

    def drop(self, arn: str, *, is_new: bool) -> None:
        """Leave the stack as it was: a first change set has made an empty one."""
        self.cloudformation.delete_change_set(ChangeSetName=arn, StackName=self.stack)
        if is_new:
            self.cloudformation.delete_stack(StackName=self.stack)

    def execute(self, arn: str, shown: Shown) -> None:
        """
        Raises:
            CommandError: the stack was rolled back; the message has the reason of each resource that failed first.
        """
        identity, seen = self._identity(), self._events_so_far()
        self.cloudformation.execute_change_set(ChangeSetName=arn, StackName=self.stack)
        self._followed(identity, seen, shown, "CREATE_COMPLETE", "UPDATE_COMPLETE")

    def delete(self, shown: Shown) -> None:
        """
        Raises:
            CommandError: a resource couldn't be deleted.
        """
        identity, seen = self._identity(), self._events_so_far()
        self.cloudformation.delete_stack(StackName=self.stack)
        self._followed(identity, seen, shown, "DELETE_COMPLETE")

    def _empty(self, reason: str) -> str:
        if any(words in reason for words in _NOTHING):
            return ""
        raise CommandError(f"CloudFormation can't deploy '{self.stack}': {as_sentence(reason)}")

    def _identity(self) -> str:
        """The stack's ARN, which still names it when it is deleted."""
        return str(self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]["StackId"])

    def _events_so_far(self) -> set[str]:
        return {each["EventId"] for each in self._events(self.stack)}

    def _events(self, stack: str) -> list[Mapping[str, Any]]:
        """The oldest first."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
        return [each for page in pages for each in page["StackEvents"]][::-1]

    def _followed(self, identity: str, seen: set[str], shown: Shown, *good: str) -> None:
        """Until the stack's own event says that it is done: its status is the old one for a moment."""
        failed: list[str] = []
        since: datetime | None = None
        for _ in self._moments():
            new = [each for each in self._events(identity) if each["EventId"] not in seen]
            seen |= {each["EventId"] for each in new}
            since = since or next((each["Timestamp"] for each in new), None)
            failed += [cause for each in new for cause in self._causes(each, identity, since)]
            for each in new:
                shown(str(each["LogicalResourceId"]))
            ends = {str(each["ResourceStatus"]) for each in new if _is_end(each, identity)}
            if ends & set(good):
                return
            if ends:
                raise CommandError("\n".join([f"The stack '{self.stack}' ended as {', '.join(ends)}.", *failed]))
        raise CommandError(f"The stack '{self.stack}' isn't done after an hour.")

    def _causes(self, event: Mapping[str, Any], stack: str, since: datetime | None) -> list[str]:
        """Why a resource failed. Of a nested stack, CloudFormation only says that: the causes are in its own events."""
        own, nested = _failure(event), str(event["PhysicalResourceId"])
        if not own or event["ResourceType"] != "AWS::CloudFormation::Stack" or nested in ("", stack):
            return [own] if own else []
        new = [each for each in self._events(nested) if since is None or each["Timestamp"] >= since]
        return [cause for each in new for cause in self._causes(each, nested, since)] or [own]

    def _moments(self) -> Iterator[None]:
        """One for each look at AWS, with a pause before it except the first."""
        for number in range(int(LIMIT_SECONDS / POLL_SECONDS)):
            if number:
                self.sleep(POLL_SECONDS)
            yield


def _is_end(event: Mapping[str, Any], identity: str) -> bool:
    own = event["PhysicalResourceId"] == identity
    return own and str(event["ResourceStatus"]).endswith(("_COMPLETE", "_FAILED"))


def _failure(event: Mapping[str, Any]) -> str:
    reason = str(event.get("ResourceStatusReason", ""))
    is_cause = not any(word in reason for word in _CONSEQUENCES)
    failed = str(event["ResourceStatus"]).endswith("_FAILED") and is_cause
    return f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}" if failed else ""
