"""Acts about failures that send no event: a start that is refused, and a run that doesn't end."""

from datetime import timedelta

from cli.demo.acts import ActResult, Acts
from cli.demo.stage import CALENDAR, DemoFailed
from cronmend.model import Category
from cronmend.model.report import MessageKind
from cronmend.use_cases.reconciling.overdue_runs import KEY
from cronmend.use_cases.start_failure import key_of

LONGER = timedelta(hours=2)
"""More than the job's max_runtime in jobs.toml, and than any demo takes: its incident is the first by its beginning."""
HANGS = ("sh", "-c", "echo 'GET /holidays: waiting for the answer'; exec sleep 600")
"""It writes a line: Cronmend waits for a log that is empty."""


class UnreportedActs(Acts):
    def _deregistered(self) -> ActResult:
        """The schedule's dead-letter queue has the only sign of it."""
        pipeline, (group, name) = self._stage.account.pipeline, CALENDAR.split("/")
        before, gone = pipeline.revision_of(group, name), pipeline.register_release(2)
        pipeline.move_schedule(group, name, gone)
        pipeline.deregister(gone)
        self._narrator.happens(f"a deploy deregisters {gone.rsplit('/', 1)[-1]}, which the schedule still names")
        fired = self._stage.account.scheduler.fire(group, name)
        if fired.tasks:
            raise DemoFailed(f"{CALENDAR} was started on an inactive revision")
        self._narrator.happens(f"the schedule fires, and ECS refuses: {fired.error}")
        run = self._is(self._stage.recorded(key_of(CALENDAR, fired.at.replace(microsecond=0))), Category.NEVER_STARTED)
        self._narrator.diagnosed(run)
        message = self._is_sent(MessageKind.ALERT, CALENDAR)
        self._message_contains(" is active", CALENDAR)
        self._nothing_was_run(CALENDAR)
        pipeline.move_schedule(group, name, before)
        self._fix("a person points the schedule at an active revision", job=CALENDAR)
        return run, "alerts, names the remedy", message

    def _hangs(self) -> ActResult:
        account, (group, name) = self._stage.account, CALENDAR.split("/")
        before = account.pipeline.let_run(group, name, HANGS)
        arn = self._stage.fire(CALENDAR)
        self._narrator.happens(f"the schedule fires; task {arn.rsplit('/', 1)[-1][:8]} waits for an answer for ever")
        self._stage.until("the task is running", lambda: account.fargate.date_back(arn, LONGER) or None)
        self._narrator.happens(f"{LONGER.seconds // 3600} hours pass (the demo dates the run back instead of waiting)")
        self._stage.reconcile()
        run = self._is(self._stage.recorded(f"{KEY}{arn.rsplit('/', 1)[-1]}"), Category.OVERDUE)
        self._narrator.diagnosed(run)
        message = self._is_sent(MessageKind.ALERT, CALENDAR)
        account.pipeline.stop_task(arn)
        self._narrator.happens("a person stops the task, as the alert says")
        self._is(self._stage.record(arn), Category.CANCELLED)
        account.pipeline.let_run(group, name, before)
        self._fix("the service answers again", job=CALENDAR)
        return run, "alerts", message
