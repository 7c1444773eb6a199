"""From a signed request to its effect in the ledger, with the ports in memory."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from cronmend.adapters.slack_signatures import SlackSignatures
from cronmend.errors import Permanent, Retryable
from cronmend.incoming.slack_requests import Click
from cronmend.model import Policy
from cronmend.model.wakeups import RunRequest
from cronmend.ports.clicks import RerunAnswer
from cronmend.use_cases.alerting.acknowledge import Acknowledgements
from cronmend.use_cases.alerting.presses import Presses
from cronmend.use_cases.slack_action import Done, HandleClick
from local.memory.alerting import MemoryMutes
from tests.clicks import (
    REPLY,
    SIGNING,
    MemoryRelay,
    MemoryReplies,
    MemoryRuns,
    MemoryStaff,
    MemoryTaken,
    form,
    payload,
    request,
)
from tests.fakes import NOW, later
from tests.samples import JOB, service
from tests.use_cases.world import World


def alerted() -> World:
    world = World()
    world.services.services = (service(2),)
    world.fails()
    return world


@dataclass
class Desk:
    """The use case with its ports in memory."""

    world: World = field(default_factory=alerted)
    taken: MemoryTaken = field(default_factory=MemoryTaken)
    relay: MemoryRelay = field(default_factory=MemoryRelay)
    staff: MemoryStaff = field(default_factory=MemoryStaff)
    runs: MemoryRuns = field(default_factory=MemoryRuns)
    replies: MemoryReplies = field(default_factory=MemoryReplies)
    mutes: MemoryMutes = field(default_factory=MemoryMutes)

    @property
    def care(self) -> HandleClick:
        signatures = SlackSignatures("arn", lambda arn: SIGNING)
        presses = Presses(Acknowledgements(self.world.ledger, self.mutes), self.runs)
        return HandleClick(signatures, self.taken, self.relay, self.staff, self.replies, presses)

    def clicks(self, button: str = "cronmend_ack", at: datetime = NOW, **changes: Any) -> Done:
        """Handle a request from Slack, then carry it out."""
        heard = self.care.handle(request(form(payload(button, **changes)), at), at)
        assert (heard.status, heard.why) == (200, "forwarded")
        return self.care.carry_out(self.relay.clicks[-1], at)


def test_an_acknowledgement_is_stored_with_the_name_and_answered() -> None:
    desk = Desk()
    desk.clicks()
    assert desk.world.incident.acknowledged_by == "ann (U1)"
    ((address, said),) = desk.replies.told
    assert address == REPLY
    assert said.startswith("ann (U1) acknowledged")


def test_a_mute_lasts_a_day_from_the_click_however_late_it_is_done() -> None:
    desk = Desk()
    desk.care.handle(request(form(payload("cronmend_mute"))), NOW)
    desk.care.carry_out(desk.relay.clicks[0], later(4))
    (mute,) = desk.mutes.all(NOW)
    assert (mute.jobs, mute.until, mute.by) == (JOB, NOW + timedelta(days=1), "ann (U1)")


def test_a_run_is_requested_with_the_name_and_without_force() -> None:
    desk = Desk()
    said = desk.clicks("cronmend_rerun").done
    (run_request,) = desk.runs.wishes
    assert (run_request.job, run_request.force, run_request.by) == (JOB, False, "ann (U1)")
    assert said == f"{JOB}: the run has started (t1)."


def test_the_person_sees_what_blocks_the_run() -> None:
    desk = Desk(runs=MemoryRuns(RerunAnswer("not run", blockers=("policy: never", "deploy: open"))))
    said = desk.clicks("cronmend_rerun").done
    assert said == (
        f"{JOB}: not run.\n• policy: never\n• deploy: open\n"
        f"`cronmend rerun {JOB} --force` overrides these guards, but never starts a run next to an active one."
    )


def test_a_click_on_an_incident_that_is_over_runs_nothing() -> None:
    desk = Desk()
    desk.world.succeeds()
    said = desk.clicks("cronmend_rerun", at=later(8)).done
    assert said == f"Nothing was done: no incident of {JOB} is open: it has recovered"
    assert desk.runs.wishes == []


def test_a_click_that_is_carried_out_twice_runs_the_job_once() -> None:
    desk = Desk()
    desk.clicks("cronmend_rerun")
    desk.care.carry_out(desk.relay.clicks[0], later(2))
    first, second = desk.runs.wishes
    assert first.id == second.id


def test_a_request_from_slack_passes_every_guard_and_is_stored_with_its_name() -> None:
    world = alerted()
    care = world.requested
    assert care.handle(RunRequest(JOB, "slack-1", by="ann (U1)"), later(3)).task_arn
    (attempt,) = world.attempts()
    assert attempt.by == "ann (U1)"
    assert world.ledger.messages[-1].report.status == f"run {attempt.number} of 4 started, requested by ann (U1)"
    again = care.handle(RunRequest(JOB, "slack-2", by="ben (U2)"), later(3.2))
    assert [each.guard.value for each in again.blockers] == ["starting"]
    world.policy = Policy.NEVER
    refused = care.handle(RunRequest(JOB, "slack-3"), later(9))
    assert [each.guard.value for each in refused.blockers] == ["policy"]


def test_the_same_request_again_does_nothing() -> None:
    desk = Desk()
    first, replayed = desk.care.handle(request(), NOW), desk.care.handle(request(), later(1))
    assert (first.status, replayed.status) == (200, 200)
    assert "already processed" in replayed.why
    assert len(desk.relay.clicks) == 1


@dataclass
class Deaf(MemoryRelay):
    """A relay whose Lambda does not answer."""

    def forward(self, click: Click) -> None:
        raise Retryable("couldn't pass a click on: AWS didn't answer")


def test_a_click_that_could_not_be_forwarded_does_nothing_and_the_next_one_works() -> None:
    desk = Desk(relay=Deaf())
    with pytest.raises(Retryable):
        desk.care.handle(request(), NOW)
    desk.relay = MemoryRelay()
    desk.clicks(at=later(0.1))
    assert desk.world.incident.acknowledged_by == "ann (U1)"


def tampered() -> dict[str, Any]:
    return {**request(), "body": form(payload("cronmend_rerun"))}


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (request(secret="another"), "its signature is wrong"),
        (tampered(), "its signature is wrong"),
        (request(at=NOW - timedelta(seconds=301)), "more than 300 seconds"),
        (request(at=NOW + timedelta(seconds=301)), "more than 300 seconds"),
        (request(x_slack_signature=""), "not signed"),
        (request(x_slack_request_timestamp=""), "not signed"),
        (request(x_slack_request_timestamp="yesterday"), "has the wrong format"),
        (request(x_slack_request_timestamp="-1"), "has the wrong format"),
        (request(x_slack_request_timestamp="9" * 9_000), "has the wrong format"),
        (request(x_slack_signature="v0=ü"), "has the wrong format"),
        (request(x_slack_signature="v1=0"), "its signature is wrong"),
        ({"version": "2.0", "headers": {}, "body": ""}, "not signed"),
        ({}, "not signed"),
    ],
)
def test_a_request_that_slack_did_not_send_does_nothing(sent: dict[str, Any], why: str) -> None:
    desk = Desk()
    heard = desk.care.handle(sent, NOW)
    assert (heard.status, heard.click) == (401, None)
    assert why in heard.why
    assert (desk.relay.clicks, desk.taken.signatures) == ([], set())


@pytest.mark.parametrize("seconds", [-300, 300])
@pytest.mark.parametrize("base64", [True, False])
def test_a_timestamp_may_be_five_minutes_off_either_way(seconds: int, base64: bool) -> None:
    sent = request(at=NOW.replace(microsecond=0) + timedelta(seconds=seconds), base64=base64)
    assert Desk().care.handle(sent, NOW.replace(microsecond=0)).status == 200


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("no form", "the body is not payload="),
        (form(payload(type="view_closed")), "view_closed"),
        (form(payload(response_url="https://example.com/")), "isn't Slack's"),
        (form(payload(response_url="http://127.0.0.1:9001/")), "isn't Slack's"),
    ],
)
def test_a_signed_request_that_is_not_a_click_does_nothing(body: str, why: str) -> None:
    desk = Desk()
    heard = desk.care.handle(request(body), NOW)
    assert heard.status == 400
    assert why in heard.why
    assert desk.relay.clicks == []


def test_an_unreadable_body_does_nothing() -> None:
    assert Desk().care.handle({**request(), "body": "%%%", "isBase64Encoded": True}, NOW).status == 400


def test_the_click_on_a_link_is_answered_and_does_nothing() -> None:
    desk = Desk()
    heard = desk.care.handle(request(form(payload(actions=[{"action_id": "log", "url": "https://x"}]))), NOW)
    assert (heard.status, heard.click, desk.relay.clicks) == (200, None, [])


@pytest.mark.parametrize("button", ["cronmend_ack", "cronmend_rerun", "cronmend_mute"])
@pytest.mark.parametrize(
    ("staff", "says"),
    [
        (
            MemoryStaff(frozenset()),
            "You aren't allowed to do this. To get access, ask for U1 to be added to the stack parameter SlackAllowed.",
        ),
        (
            MemoryStaff(trouble=Retryable("Slack didn't answer")),
            "Nothing was done. Cronmend couldn't check whether you are allowed to do this: Slack didn't answer",
        ),
        (
            MemoryStaff(trouble=Permanent("missing_scope")),
            "Nothing was done. Cronmend couldn't check whether you are allowed to do this: missing_scope",
        ),
    ],
)
def test_a_user_who_is_not_known_to_be_allowed_can_do_nothing(button: str, staff: MemoryStaff, says: str) -> None:
    desk = Desk(staff=staff)
    desk.clicks(button)
    assert desk.replies.told[0][1] == says
    assert (desk.runs.wishes, desk.mutes.mutes, desk.world.incident.acknowledged_by) == ([], {}, None)


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (Retryable("AWS didn't answer"), "That didn't work: AWS didn't answer. Click again in a minute."),
        (Permanent("rerun failed"), "Nothing was done: rerun failed"),
    ],
)
def test_the_person_sees_what_did_not_work(trouble: Retryable | Permanent, says: str) -> None:
    desk = Desk(runs=MemoryRuns(trouble))
    desk.clicks("cronmend_rerun")
    assert desk.replies.told[0][1] == says


@pytest.mark.parametrize("trouble", [Permanent("expired_url"), Retryable("Slack didn't answer")])
def test_an_action_stays_done_if_the_reply_fails(trouble: Retryable | Permanent) -> None:
    desk = Desk(replies=MemoryReplies(trouble=trouble))
    assert desk.clicks().undelivered == str(trouble)
    assert desk.world.incident.acknowledged_by == "ann (U1)"
