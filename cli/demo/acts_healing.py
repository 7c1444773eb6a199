"""Acts of healing itself: what stops it, what it may change, and what a team may only watch."""

from datetime import UTC, datetime

from cli.demo.stage import CHARGE, HOURLY, INDEX, PURGE
from cli.demo.story import Story, Told
from cronmend.jobs import identity
from cronmend.model import Category, Mode
from cronmend.model.incident import RunRecord
from cronmend.model.keys import stable_key
from cronmend.model.report import MessageKind

BACKOFF = 120
"""Seconds: two waits drawn at random, and the run itself."""
NO_ROOM = "Capacity is unavailable at this time"


class HealingActs(Story):
    _unstarted: RunRecord

    def _never_again(self) -> Told:
        """A task that never started may be repeated by the default policy; this job's own policy says never."""
        run = self._never_starts(CHARGE)
        told = self._is_told(MessageKind.ALERT, CHARGE)
        self._says("the job's policy is never to re-run it", CHARGE)
        self._expect(self._stage.incident(CHARGE).planned is None, "no re-run is planned")
        self._nothing_was_run(CHARGE)
        return run, "nothing: not allowed", told

    def _never_started(self) -> Told:
        run = self._unstarted = self._never_starts(PURGE)
        incident = self._stage.incident(PURGE)
        self._expect(incident.planned is not None and incident.held_until is not None, "re-run planned, alert held")
        second = f"{identity.OWN}{stable_key(incident.id, 2)}"
        self._stage.account.fargate.refuse_next(NO_ROOM, started_by=second)
        self._tell.happens(f"AWS has no room for the next run: RunTask will answer {NO_ROOM}")
        self._nobody_is_told()
        return run, "plans a re-run", "nobody"

    def _no_room(self) -> Told:
        self._rerun(3, PURGE, BACKOFF)
        incident = self._stage.incident(PURGE)
        self._expect(incident.reruns == incident.infra_reruns == 2, "AWS's failures leave the job's own budget alone")
        self._tell.did("run 2 was refused and started nothing; run 3, planned later, succeeded")
        return self._unstarted, "runs it later", self._healed(PURGE)

    def _more_memory(self) -> Told:
        first = self._runs_out_of_memory()
        run = self._rerun(2, INDEX)
        size = self._stage.incident(INDEX).size
        self._expect(size is not None and size.memory == 1024, f"it had Fargate's next size, not {size}")
        self._expect(run.incident == first.incident, "the re-run belongs to the incident")
        told = self._healed(INDEX)
        self._says("For good, give the job this size", INDEX)
        return first, "runs it with more", told

    def _fails_in_shadow(self) -> Told:
        self._mode_holds_when_due()
        run = self._unstarted = self._never_starts(PURGE)
        self._expect(self._stage.incident(PURGE).planned is not None, "everything is decided as ever")
        self._nobody_is_told()
        return run, "plans a re-run", "nobody"

    def _shadow(self) -> Told:
        told = self._is_told(MessageKind.ALERT, PURGE, BACKOFF)
        self._says("would have run", PURGE)
        self._nothing_was_run(PURGE)
        self._switch(Mode.HEAL)
        self._put_right("the switch is back at heal", job=PURGE)
        return self._unstarted, "nothing: says it", told

    def _too_much(self) -> Told:
        spent = self._stage.spent()
        self._expect(spent == HOURLY, f"{HOURLY} re-runs have been made, but it was {spent}")
        self._tell.happens(f"{HOURLY} re-runs have been made, the bound over all jobs in an hour")
        run = self._runs_out_of_memory("the next night comes")
        told = self._circuit_is_told()
        self._expect(self._stage.circuit.open_until(datetime.now(UTC)) is not None, "the circuit is open")
        self._nothing_was_run(INDEX)
        self._tell.happens("cronmend circuit close")
        self._expect(self._stage.circuit.close(datetime.now(UTC)), "the circuit was open")
        self._expect(self._stage.circuit.open_until(datetime.now(UTC)) is None, "the circuit is closed")
        return run, "stops all healing", told

    def _gets_its_memory(self) -> None:
        group, name = INDEX.split("/")
        self._stage.account.pipeline.resize(group, name, 256, 1024)
        self._put_right("a person gives rebuild-index 1024 MiB for good", "the next night comes", INDEX)

    def _runs_out_of_memory(self, when: str = "the night's hour strikes") -> RunRecord:
        run = self._is(self._strikes(INDEX, when), Category.OUT_OF_MEMORY)
        self._expect(run.action == "rerun", f"one run with more memory is planned, but the plan is {run.action}")
        return run

    def _circuit_is_told(self) -> str:
        kind = MessageKind.CIRCUIT.value

        def told() -> list[str] | None:
            arrived = [f"{each.channel}: {each.text}" for each in self._stage.arrived() if each.kind == kind]
            return arrived if len(arrived) == 2 else None

        self._tell.told(self._stage.until("one message says on both channels that healing has stopped", told))
        return kind

    def _says(self, words: str, job: str) -> None:
        said = self._what_happens(job)
        self._tell.did(said)
        self._expect(words in said, f"the message says '{words}', but it is: {said}")
