"""Acts about what sends no event: a start that is refused, a run that doesn't end, a schedule that is disabled."""

from datetime import timedelta

from cli.demo.acts import ActResult, Acts
from cli.demo.stage import CALENDAR, PURGE, DemoFailed
from cronmend.jobs import schedule_findings
from cronmend.model import Category
from cronmend.model.report import MessageKind
from cronmend.use_cases.reconciling.overdue_runs import KEY
from cronmend.use_cases.start_failure import key_of

LONGER = timedelta(hours=2)
"""More than the job's max_runtime in jobs.toml, and than any demo takes: its incident is the first by its beginning."""
FORGOTTEN = schedule_findings.FORGOTTEN + timedelta(days=1)
AN_HOUR = timedelta(hours=1)
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
        self._stage.account.reconcile()
        run = self._is(self._stage.recorded(f"{KEY}{arn.rsplit('/', 1)[-1]}"), Category.OVERDUE)
        self._narrator.diagnosed(run)
        message = self._is_sent(MessageKind.ALERT, CALENDAR)
        account.pipeline.stop_task(arn)
        self._narrator.happens("a person stops the task, as the alert says")
        self._is(self._stage.record(arn), Category.CANCELLED)
        account.pipeline.let_run(group, name, before)
        self._fix("the service answers again", job=CALENDAR)
        return run, "alerts", message

    def _disabled_by_hand(self) -> ActResult:
        """The first search finds it, and the one an hour later tells people."""
        stage, (group, name) = self._stage, PURGE.split("/")
        stage.account.pipeline.switch(group, name, on=False)
        self._narrator.happens(f"a person disables the schedule of {PURGE} in the console, and forgets it")
        stage.account.reconcile()
        self._expect(stage.finding_ages.date_schedule_back(PURGE, FORGOTTEN), "the ledger has the disabled schedule")
        self._narrator.happens(f"{FORGOTTEN.days} days pass (the demo dates the change back instead of waiting)")
        for _ in ("found", "found again"):
            stage.finding_ages.date_search_back(AN_HOUR)
            stage.account.reconcile()
        message = self._reaches_both_channels(MessageKind.FINDING, PURGE)
        found = [each for each in stage.messages() if (each.report.kind, each.job) == (MessageKind.FINDING, PURGE)]
        advice = found[0].report.advice
        self._narrator.did(advice)
        self._expect("enable its schedule" in advice, f"the advice is to enable the schedule, but it is: {advice}")
        stage.account.pipeline.switch(group, name, on=True)
        self._narrator.happens("a person enables the schedule")
        return self._is(self._fires(PURGE), Category.SUCCESS), "one line: it starts nothing", message
