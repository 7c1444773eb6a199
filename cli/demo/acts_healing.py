"""Acts of healing itself: no room at AWS, and shadow mode."""

import time

from cli.demo.stage import PUBLISH
from cli.demo.story import PULL_TRIES, Act, Story
from cronmend.adapters.mode import SECONDS
from cronmend.model import Category, Mode
from cronmend.records import IncidentState, MessageKind, RunRecord

BACKOFF = 120
"""Seconds: two waits drawn at random, and the minute's tick of the emulated Scheduler."""


class HealingStory(Story):
    """The main story, and what follows when AWS has no room and when a team only wants to watch."""

    def acts(self) -> tuple[Act, ...]:
        return (*super().acts(), ("No room at AWS", self._no_room), ("Shadow mode", self._shadow))

    def _no_room(self) -> tuple[RunRecord, str, str]:
        first = self._never_starts()
        self._stage.account.fargate.refuse_next("Capacity is unavailable at this time", count=1)
        self._tell.happens("and when it is due again, RunTask answers: Capacity is unavailable at this time")
        run = self._stage.rerun(PUBLISH, 3, BACKOFF)
        self._expect(run.category is Category.SUCCESS, f"the next attempt succeeds, but it is {run.category.value}")
        self._ends(IncidentState.HEALED)
        attempts = self._stage.incident(PUBLISH)
        self._expect(attempts.infra_reruns == attempts.reruns, "AWS's failures leave the job's own budget alone")
        self._tell.did("run 2 was refused and started nothing; run 3, planned later, succeeded")
        return first, "runs it later", self._is_told(MessageKind.HEALED)

    def _shadow(self) -> tuple[RunRecord, str, str]:
        self._switch(Mode.SHADOW)
        time.sleep(SECONDS)
        first = self._never_starts()
        told = self._is_told(MessageKind.ALERT, seconds=BACKOFF)
        message = next(m for m in reversed(self._stage.messages()) if m.incident == self._stage.incident(PUBLISH).id)
        self._tell.did(message.report.what_happens)
        self._expect("would have run" in message.report.what_happens, "the alert says what would have been done")
        self._expect(self._stage.incident(PUBLISH).reruns == 0, "nothing was run")
        self._switch(Mode.HEAL)
        self._put_right(2, "the switch is back at heal, and the next hour succeeds")
        return first, "nothing: says it", told

    def _never_starts(self) -> RunRecord:
        self._editor_schedules_a_page(2)
        self._stage.account.registry.hang(requests=PULL_TRIES)
        self._tell.happens("the image registry does not answer")
        first = self._hour_strikes(PUBLISH)
        self._expect(first.category is Category.INFRASTRUCTURE, f"infrastructure, but it is {first.category.value}")
        return first

    def _switch(self, mode: Mode) -> None:
        """As `cronmend mode` does; every function has read it ``SECONDS`` later."""
        self._stage.set_mode(mode)
        self._tell.happens(f"cronmend mode {mode.value}")
