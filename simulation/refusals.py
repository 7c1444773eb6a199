"""Starts that ECS refuses to EventBridge: no task, no event, and a message in the schedule's dead-letter queue."""

import json
from dataclasses import dataclass

from cronmend.incoming.start_failures import as_event
from cronmend.model import LiveSchedule
from cronmend.use_cases.start_failure import key_of
from simulation.account import CLUSTER, Account, at
from simulation.chance import Chance
from simulation.ecs import Json
from simulation.jobs import Job
from simulation.kernel import Kernel
from simulation.lambdas import Lambdas
from simulation.witness import Witness

SHARE = 0.012
"""Of all starts."""


@dataclass(frozen=True, slots=True)
class Answer:
    code: str
    message: str
    passes: bool


INACTIVE = Answer("ClientException", "TaskDefinition is inactive", passes=False)
ANSWERS = (
    Answer("ThrottlingException", "Rate exceeded", passes=True),
    Answer("ServerException", "Service Unavailable. Please try again later.", passes=True),
    Answer("AccessDeniedException", "User: scheduler is not authorized to perform: iam:PassRole", passes=False),
    INACTIVE,
    Answer("InvalidParameterException", "Override for container named old is not a container in it.", passes=False),
)


@dataclass(frozen=True, slots=True)
class Refusals:
    kernel: Kernel
    chance: Chance
    lambdas: Lambdas
    account: Account
    witness: Witness
    clear: float
    """When ECS stops refusing starts."""

    def answer(self, job: Job, schedule: LiveSchedule, number: int) -> Answer | None:
        """The answer with which ECS refuses the start; None if ECS starts the run."""
        if not self.account.is_active(schedule):
            return INACTIVE
        name = _name(job, number)
        if self.kernel.now >= self.clear or not self.chance.happens(SHARE, name):
            return None
        return self.chance.one(ANSWERS, f"{name}answer")

    def refuse(self, job: Job, schedule: LiveSchedule, number: int, slot: float, answer: Answer) -> None:
        """EventBridge tries again for some minutes."""
        name = _name(job, number)
        later = self.kernel.now + self.chance.between(1, 25, f"{name}tries")
        self.kernel.at(later, lambda: self._gives_up(job, schedule, slot, answer, name))

    def _gives_up(self, job: Job, schedule: LiveSchedule, slot: float, answer: Answer, name: str) -> None:
        task = key_of(job.name, at(float(int(slot))))
        self.witness.saw("started", task=task, job=job.name, by="refused", started_by="", slot=slot)
        facts = {"cause": "refused", "passes": answer.passes, "ran": False, "known": True, "delivered": True}
        self.witness.saw("stopped", task=task, job=job.name, created=round(self.kernel.now, 3), **facts)
        self.witness.saw("refused", task=task, job=job.name, about=name)
        event = json.loads(as_event(_letter(job, schedule, slot, answer, name)))
        self.lambdas.queued("start_failed", name, event)


def _name(job: Job, number: int) -> str:
    return f"refused/{job.short}/{number}/"


def _letter(job: Job, schedule: LiveSchedule, slot: float, answer: Answer, name: str) -> Json:
    """As SQS delivers it. EventBridge Scheduler keeps the request, EventBridge the event of a rule."""
    time = at(float(int(slot))).isoformat().replace("+00:00", "Z")
    request = {"cluster": CLUSTER, "taskDefinition": schedule.parameters["TaskDefinitionArn"]}
    who = {"RULE_ARN": f"arn:aws:events:eu-west-2:111122223333:rule/{job.short}", "TARGET_ARN": CLUSTER}
    if not job.is_rule:
        target = "arn:aws:scheduler:::aws-sdk:ecs:runTask"
        who = {"SCHEDULE_ARN": schedule.arn, "TARGET_ARN": target, "SCHEDULED_TIME": time}
    why = {"ERROR_CODE": answer.code, "ERROR_MESSAGE": answer.message, "RETRY_ATTEMPTS": "2"}
    attributes = {key: {"stringValue": value} for key, value in (who | why).items()}
    body = {"detail-type": "Scheduled Event", "time": time} if job.is_rule else request
    return {"messageId": name, "body": json.dumps(body), "messageAttributes": attributes}
