"""The observable record of a history: one plain entry, as in JSON, for each run, message, switch and click.

| what        | facts                                                                                            |
| ----------- | ------------------------------------------------------------------------------------------------ |
| job         | job, kept (its name in startedBy), policy, attempts, deadline, stale, channels, fallback, work   |
| started     | task, job, by (schedule, cronmend, hand, refused), started_by, slot, attempt, target             |
| running     | task: its containers have started                                                                |
| silent      | task: it has written its last line, and keeps running                                            |
| stopped     | task, job, cause, passes, ran, known, delivered (whether its event is), policy, maybe            |
| recorded    | task, job, ok (whether its record shows a success), blind (whether its log couldn't be read)     |
| wrote       | kind, job, incident, jobs, text (its headline): a message was written                            |
| seen        | channel, kind, stage, jobs, incident, text, update (of an earlier message)                       |
| undelivered | queue, channel, job, text: a message or an event that waits for a person                         |
| schedule    | job, by (people, pipeline, cronmend, follow), state; None if it was deleted                      |
| moved       | job, revision, early (why that was too early, or ""): Cronmend moved a schedule                  |
| service     | revision, rolling (whether a rollout to it is in progress)                                       |
| deploy      | name, revision, step: what its pipeline did                                                      |
| flaw        | job, kind, since, sure (whether people must be told, once): a flaw that a job had until now      |
| told        | jobs: people were told that these schedules were moved                                           |
| unmet       | job, slot, flexible, grace: no run came for the slot                                             |
| missed      | job, slots, flexible, grace: what reconcile logged; ``noted`` is an incident's latest such slot  |
| refused     | task, job, about: a message in a schedule's dead-letter queue                                    |
| unchecked, unlisted, unwatched | a job, a family and a task that a check of reconcile had to leave out         |
| killed, failed | function, about: an invocation that ended early                                               |
| unforeseen, unexamined | error, and the job or the source: what a function left out because of it             |
| muted, asked, mode, outage | what people and AWS did                                                           |
| fault, end  | name of a fault of AWS or Slack, for people who read the entries; the history is over            |
"""

from collections.abc import Callable
from typing import Any

type Entry = dict[str, Any]
"""``at`` in seconds since 1970, ``what`` happened, and the facts of that kind of entry."""


class Witness:
    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.entries: list[Entry] = []
        self.unread: set[str] = set()
        """Tasks whose log Cronmend couldn't read."""
        self.idle: dict[str, str] = {}
        """The job of each task that exited with 0 and did nothing."""

    def is_blind(self, task: str, job: str) -> bool:
        """Whether Cronmend couldn't know that the task did nothing: its log, or its job, which a record names."""
        return task in self.idle and (task in self.unread or self.idle[task] != job)

    def saw(self, what: str, **facts: object) -> None:
        self.entries.append({"at": round(self.now(), 3), "what": what, **facts})
