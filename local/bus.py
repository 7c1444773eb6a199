"""EventBridge's default bus for ``aws.*`` events, which PutEvents rejects here as at AWS.

Each event goes to the targets of the rules in the emulated account that match it. The emulator itself decides which
match (TestEventPattern).
"""

import json
import queue
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import Clients

if TYPE_CHECKING:
    from types_boto3_events.type_defs import RuleTypeDef, TargetOutputTypeDef

type Event = Mapping[str, Any]
type Rules = Sequence[tuple[RuleTypeDef, Sequence[TargetOutputTypeDef]]]

RULES_KEPT_SECONDS = 2.0
JOURNAL_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class BusDelivery:
    """An event that was sent to a rule's target; ``error`` is ``""`` if the target accepted it."""

    event: Event
    rule: str
    target: str
    error: str = ""


class Bus:
    """Delivers published events in order, in a thread of its own."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._queue: queue.Queue[Event | None] = queue.Queue()
        self._rules: tuple[float, Rules] = (float("-inf"), ())
        self._journal: deque[BusDelivery] = deque(maxlen=JOURNAL_LENGTH)
        self._thread = threading.Thread(target=self._run, name="bus", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Deliver the events published so far, and stop."""
        self._queue.put(None)
        self._thread.join(10)

    def publish(self, event: Event) -> None:
        self._queue.put(event)

    def journal(self) -> tuple[BusDelivery, ...]:
        """The latest deliveries, oldest first."""
        return tuple(self._journal)

    def idle(self, seconds: float) -> bool:
        """Whether everything published so far is delivered within ``seconds``."""
        deadline = time.monotonic() + seconds
        while self._queue.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._queue.unfinished_tasks

    def _run(self) -> None:
        while (event := self._queue.get()) is not None:
            try:
                self._deliver(event)
            finally:
                self._queue.task_done()

    def _deliver(self, event: Event) -> None:
        try:
            matching = [(rule, targets) for rule, targets in self._known_rules() if self._matches(rule, event)]
        except (ClientError, BotoCoreError) as error:
            self._journal.append(BusDelivery(event, "", "", f"can't read the rules: {error}"))
            return
        for rule, targets in matching:
            for target in targets:
                problem = self._send(event, target)
                self._journal.append(BusDelivery(event, rule["Name"], target["Arn"], problem))
                if problem:
                    self._dead_letter(event, rule, target, problem)

    def _known_rules(self) -> Rules:
        read_at, rules = self._rules
        if time.monotonic() - read_at > RULES_KEPT_SECONDS:
            rules = self._read_rules()
            self._rules = (time.monotonic(), rules)
        return rules

    def _read_rules(self) -> Rules:
        events = self._clients.events
        return [
            (rule, events.list_targets_by_rule(Rule=rule["Name"])["Targets"])
            for page in events.get_paginator("list_rules").paginate()
            for rule in page["Rules"]
            if rule.get("State") == "ENABLED" and rule.get("EventPattern")
        ]

    def _matches(self, rule: "RuleTypeDef", event: Event) -> bool:
        answer = self._clients.events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))
        return answer["Result"]

    def _send(self, event: Event, target: "TargetOutputTypeDef") -> str:
        """Send the event to the target; returns the error, or ``""``."""
        if unsupported := {"InputPath", "InputTransformer"} & target.keys():
            return f"{', '.join(unsupported)} is not supported by the local bus"
        try:
            self._invoke(target["Arn"], target.get("Input") or json.dumps(event))
        except (ClientError, BotoCoreError) as error:
            return str(error)
        return ""

    def _invoke(self, arn: str, payload: str) -> None:
        service, name = arn.split(":")[2], arn.rsplit(":", 1)[-1]
        if service == "lambda":
            self._clients.functions.invoke(FunctionName=arn, InvocationType="Event", Payload=payload.encode())
        elif service == "sqs":
            queue_url = self._clients.sqs.get_queue_url(QueueName=name)["QueueUrl"]
            self._clients.sqs.send_message(QueueUrl=queue_url, MessageBody=payload)
        elif service == "sns":
            self._clients.sns.publish(TopicArn=arn, Message=payload)
        else:
            raise _UnknownTarget(arn=arn)

    def _dead_letter(self, event: Event, rule: "RuleTypeDef", target: "TargetOutputTypeDef", error: str) -> None:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"""
        arn = target.get("DeadLetterConfig", {}).get("Arn", "")
        if not arn:
            return
        values = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], "ERROR_MESSAGE": error}
        attributes: Any = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
        try:
            queue_url = self._clients.sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"]
            body = json.dumps(event)
            self._clients.sqs.send_message(QueueUrl=queue_url, MessageBody=body, MessageAttributes=attributes)
        except (ClientError, BotoCoreError) as problem:
            self._journal.append(BusDelivery(event, rule["Name"], arn, str(problem)))


class _UnknownTarget(BotoCoreError):
    fmt = "The local bus delivers to Lambda, SQS and SNS, not to {arn}."
