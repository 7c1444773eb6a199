"""A claimed attempt → one RunTask call, identical however often it is made."""

from collections.abc import Callable, Mapping
from copy import replace
from typing import Any

from msgspec import Struct

from cronmend.errors import Permanent
from cronmend.jobs import identity
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.refusal import Refusal, other_capacity
from cronmend.jobs.run_task_request import marked, run_request, tagged, with_capacity, with_size
from cronmend.model import LiveSchedule, Missing
from cronmend.model.incident import Attempt
from cronmend.ports.healing import Schedules, Tasks


class TaskStarter(Struct, frozen=True):
    schedules: Schedules
    tasks: Tasks
    policy: Callable[[str], JobPolicy]

    def run(self, attempt: Attempt, schedule: LiveSchedule | Missing | None = None) -> str | Refusal:
        """The ARN of the attempt's task: a new one, or the one that an earlier call started.

        Args:
            schedule: as it was read a moment ago; None to read it now.

        Raises:
            Retryable: a task may or may not have started.
            Permanent: the target can't be run as it is.
        """
        schedule = schedule or self.schedules.get(attempt.job)
        if isinstance(schedule, Missing):
            raise Permanent(schedule.reason)
        request = self._request(attempt, schedule)
        answer = self.tasks.run(request)
        if isinstance(answer, Refusal) and answer.passes:
            return replace(answer, instead_of=other_capacity(request, attempt.avoid))
        return answer

    def _request(self, attempt: Attempt, schedule: LiveSchedule) -> Mapping[str, Any]:
        context = {
            "schedule-arn": schedule.arn,
            "scheduled-time": attempt.slot or "",
            "execution-id": attempt.key,
            "attempt-number": str(attempt.number),
        }
        request = run_request(schedule.cluster_arn, schedule.parameters, schedule.target_input, context)
        if not attempt.whole_slot:
            request["count"] = 1
        request = with_size(with_capacity(request, attempt.avoid), attempt.size)
        marks = {"job": attempt.job, "incident": attempt.incident, "attempt": str(attempt.number)}
        container = self.policy(attempt.job).container or _only_container(request)
        if container:
            request = marked(request, container, {f"CRONMEND_{name.upper()}": value for name, value in marks.items()})
        request = tagged(request, {f"cronmend:{name}": value for name, value in marks.items() if value})
        return {**request, "startedBy": f"{identity.OWN}{attempt.key}", "clientToken": attempt.key}


def _only_container(request: Mapping[str, Any]) -> str:
    names = [entry.get("name", "") for entry in request["overrides"].get("containerOverrides", [])]
    return names[0] if len(names) == 1 else ""
