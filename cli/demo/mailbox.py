"""What the demo's messages look like to people: those in Slack, and those of the topic."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cronmend.alerting import render
from cronmend.model.report import Message, Report
from local.account import LocalAccount

THREAD = "↳ "
"""Marks a message in a thread."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it reached people."""

    channel: str
    kind: str
    job: str
    text: str


class Mailbox:
    """Slack's messages, and a queue on the alert topic."""

    def __init__(self, account: LocalAccount, topic: str) -> None:
        self._account = account
        self._queue = self._subscribed(topic)
        self._topic_messages: list[Arrived] = []

    def arrived(self, messages: Sequence[Message]) -> list[Arrived]:
        """Every message that reached a channel; ``messages`` are those in the ledger."""
        self._topic_messages += self._received()
        return [*self._from_slack(messages), *self._topic_messages]

    def _from_slack(self, messages: Sequence[Message]) -> Iterator[Arrived]:
        """The Slack stand-in keeps only texts: a message is identified by its headline, a reply also by its thread."""
        roots: dict[str, str] = {}
        for each in self._account.slack.messages():
            if each.update_of:
                continue
            job = roots.get(each.thread_ts, "")
            known = next(
                (m for m in messages if job in {"", m.job} and each.text == _text(m.report, reply=bool(job))), None
            )
            roots[each.ts] = known.job if known else ""
            kind, job = (known.report.kind.value, known.job) if known else ("unknown", "")
            yield Arrived("slack", kind, job, f"{THREAD if each.thread_ts else ''}{each.text}")

    def _received(self) -> Iterator[Arrived]:
        sqs = self._account.clients.sqs
        for raw in sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", []):
            report = json.loads(json.loads(raw["Body"])["Message"])
            sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=raw["ReceiptHandle"])
            yield Arrived("sns", report["kind"], report["job"], report["headline"])

    def _subscribed(self, topic: str) -> str:
        """A queue on the alert topic, which gets what an email address would get."""
        clients = self._account.clients
        queue = clients.sqs.create_queue(QueueName="demo-mailbox")["QueueUrl"]
        arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return queue


def _text(report: Report, *, reply: bool) -> str:
    return str((render.slack_reply if reply else render.slack)(report)["text"])
