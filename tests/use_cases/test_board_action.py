"""The buttons of the board, with the ports in memory; those of Slack do the same (test_slack_action.py)."""

from dataclasses import dataclass, field
from datetime import timedelta

from cronmend.model.presses import Button, Press
from cronmend.ports.clicks import RerunAnswer
from cronmend.use_cases.alerting.acknowledge import Acknowledgements
from cronmend.use_cases.alerting.presses import Presses
from cronmend.use_cases.board_action import Answered, BoardAction
from local.memory.alerting import MemoryMutes
from tests.clicks import MemoryRuns
from tests.fakes import NOW, later
from tests.samples import JOB
from tests.use_cases.test_slack_action import alerted
from tests.use_cases.world import World

ANN = "Ann (dashboard cronmend-eu-west-2)"


@dataclass
class Viewer:
    world: World = field(default_factory=alerted)
    runs: MemoryRuns = field(default_factory=MemoryRuns)
    mutes: MemoryMutes = field(default_factory=MemoryMutes)

    def presses(self, button: Button, incident: str | None = None) -> Answered:
        seen = self.world.incident.id if incident is None else incident
        press = Press(button, JOB, seen, ANN, NOW, "dashboard-r1", "on the dashboard")
        action = BoardAction(Presses(Acknowledgements(self.world.ledger, self.mutes), self.runs))
        return action.carry_out(press, "light", later(1))


def test_an_acknowledgement_is_stored_with_the_name() -> None:
    viewer = Viewer()
    answered = viewer.presses(Button.ACKNOWLEDGE)
    assert viewer.world.incident.acknowledged_by == ANN
    assert answered.done in answered.page


def test_a_mute_lasts_a_day_and_says_where_it_was_set() -> None:
    viewer = Viewer()
    viewer.presses(Button.MUTE)
    (mute,) = viewer.mutes.all(NOW)
    assert (mute.until, mute.by, mute.reason) == (NOW + timedelta(days=1), ANN, "by the button on the dashboard")


def test_a_run_is_requested_once_without_force() -> None:
    viewer = Viewer()
    viewer.presses(Button.RERUN)
    (asked,) = viewer.runs.wishes
    assert (asked.job, asked.id, asked.force, asked.by) == (JOB, "dashboard-r1", False, ANN)


def test_what_blocks_the_run_is_shown() -> None:
    viewer = Viewer(runs=MemoryRuns(RerunAnswer("not run", blockers=("policy: never", "deploy: open"))))
    assert "<p>• policy: never</p><p>• deploy: open</p>" in viewer.presses(Button.RERUN).page


def test_a_page_of_an_incident_that_is_over_runs_nothing() -> None:
    viewer = Viewer()
    seen = viewer.world.incident.id
    viewer.world.succeeds()
    assert viewer.presses(Button.RERUN, seen).done.startswith("Nothing was done")
    assert viewer.runs.wishes == []


def test_a_job_without_an_incident_may_be_run() -> None:
    viewer = Viewer()
    viewer.world.succeeds()
    viewer.presses(Button.RERUN, "")
    assert len(viewer.runs.wishes) == 1
