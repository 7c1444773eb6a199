"""Acts about re-runs: what prevents one, what one may change, the circuit breaker and shadow mode."""

from datetime import UTC, datetime

from cli.demo.acts import ActResult, Acts
from cli.demo.stage import CALENDAR, CHARGE, HOURLY, INDEX, PURGE
from cronmend.jobs import identity
from cronmend.model import Category, Mode
from cronmend.model.incident import RunRecord
from cronmend.model.report import MessageKind
from local.fargate.front import NO_CAPACITY
from local.fargate.request import TaskRequest

WAITED = "the planned re-run is due (the demo dates its timer back instead of waiting)"


class HealingActs(Acts):
    _never_started_run: RunRecord

    def _never_rerun(self) -> ActResult:
        """The default policy allows a re-run of a task that never started. This job's own policy is never."""
        run = self._never_starts(CHARGE)
        message = self._is_sent(MessageKind.ALERT, CHARGE)
        self._message_contains("the job's policy is never to re-run it", CHARGE)
        self._expect(self._stage.incident(CHARGE).planned is None, "no re-run is planned")
        self._nothing_was_run(CHARGE)
        return run, "alerts: not allowed", message

    def _never_started(self) -> ActResult:
        self._stage.account.fargate.refuse_next(NO_CAPACITY, _is_rerun_of_calendar)
        run = self._never_started_run = self._never_starts(CALENDAR)
        self._plans_rerun_and_holds_alert(run)
        self._narrator.happens(f"AWS has no capacity for the next run: RunTask will answer {NO_CAPACITY}")
        self._nothing_is_sent(CALENDAR)
        return run, "plans a re-run", "none"

    def _no_capacity(self) -> ActResult:
        self._narrator.happens(WAITED)
        self._rerun(3, CALENDAR, soon=True)
        incident = self._stage.incident(CALENDAR)
        self._expect(incident.reruns == incident.infra_reruns == 2, "AWS failures don't use the job's own budget")
        self._narrator.did("run 2 was refused and started no task; run 3, planned later, succeeded")
        return self._never_started_run, "re-runs it later", self._healed(CALENDAR)

    def _more_memory(self) -> ActResult:
        first = self._runs_out_of_memory()
        run = self._rerun(2, INDEX)
        size = self._stage.incident(INDEX).size
        self._expect(size is not None and size.memory == 1024, f"the re-run has Fargate's next size, but it is {size}")
        self._expect(run.incident == first.incident, "the re-run belongs to the incident")
        message = self._healed(INDEX)
        self._message_contains("set cpu and memory in the task definition", INDEX)
        return first, "re-runs it with more", message

    def _shadow(self) -> ActResult:
        self._wait_for_mode()
        run = self._never_starts(PURGE)
        self._plans_rerun_and_holds_alert(run)
        self._narrator.happens(WAITED)
        self._stage.until_due(
            PURGE, "the planned re-run was due", lambda: self._stage.incident(PURGE).planned is None or None
        )
        message = self._is_sent(MessageKind.ALERT, PURGE)
        self._message_contains("would have run", PURGE)
        self._nothing_was_run(PURGE)
        self._set_mode(Mode.HEAL)
        self._fix("the mode is heal again", job=PURGE)
        return run, "reports, no re-run", message

    def _circuit_opens(self) -> ActResult:
        used = self._stage.reruns_used()
        self._expect(used == HOURLY, f"{HOURLY} re-runs were made, but it is {used}")
        self._narrator.happens(f"{HOURLY} re-runs were made in an hour, the limit for all jobs together")
        run = self._runs_out_of_memory("the next night")
        message = self._reaches_both_channels(MessageKind.CIRCUIT)
        self._expect(self._stage.circuit.open_until(datetime.now(UTC)) is not None, "the circuit is open")
        self._nothing_was_run(INDEX)
        self._narrator.happens("cronmend circuit close")
        self._expect(self._stage.circuit.close(datetime.now(UTC)), "the circuit was open")
        self._expect(self._stage.circuit.open_until(datetime.now(UTC)) is None, "the circuit is closed")
        self._gets_more_memory()
        return run, "stops all re-runs", message

    def _gets_more_memory(self) -> None:
        group, name = INDEX.split("/")
        self._stage.account.pipeline.resize(group, name, 256, 1024)
        self._fix("a person gives rebuild-index 1024 MiB permanently", "the next night", INDEX)

    def _runs_out_of_memory(self, when: str = "the nightly schedule fires") -> RunRecord:
        run = self._is(self._fires(INDEX, when), Category.OUT_OF_MEMORY)
        self._expect(run.action == "rerun", f"a re-run with more memory is planned, but the plan is {run.action}")
        return run


def _is_rerun_of_calendar(request: TaskRequest) -> bool:
    words = [word for each in request.overrides.get("containerOverrides", ()) for word in each.get("command", ())]
    return request.started_by.startswith(identity.OWN) and "refresh_calendar" in words
