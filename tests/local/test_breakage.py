"""Each kind of breakage really happens in the account, people are sent what it promises, and it can be fixed."""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cli.demo.stage import Stage
from cronmend.model.report import Message
from local.account import LocalAccount
from local.breakage.breaker import Breaker, Refused
from local.breakage.kinds import Kind, Outcome
from local.daemon import EMAIL, PARAMETERS, set_up_cronmend, set_up_site
from local.messages.click import USER
from local.messages.inbox import BusEvent, Email
from local.slack import SlackMessage
from tests import ROOT
from tests.waiting import until

pytestmark = pytest.mark.emulator

FASTER = {"RecheckSeconds": "3", "GroupSeconds": "120"}
"""Less than a real account allows; but jobs that fail for one cause do so within two minutes on a slow machine, too."""
STEP_SECONDS = 600.0

type Sent = tuple[str, str, str]
"""Kind, job and category."""


class Broken:
    """An account in which things are broken, and what it has sent since the last step."""

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self.breaker = Breaker(account)
        self._stage = Stage(account)
        self._since = 0

    def start(self, kind: Kind) -> Outcome:
        """Waits until all of the step before has been sent, so that none of it is taken for this one's."""
        assert until(lambda: self.unsent() == [], lambda: self.account.fire_timers("flush-")), self.unsent()
        self._since = len(self.account.inbox.items())
        self.breaker.start(kind)
        return self.breaker.wait(STEP_SECONDS)

    def unsent(self) -> list[Message]:
        return [each for each in self._stage.messages() if not self._stage.is_delivered(each)]

    def fix(self) -> Outcome:
        self.breaker.fix(None)
        return self.breaker.wait(STEP_SECONDS)

    def sent(self) -> list[Sent]:
        """Cronmend's events, of which there is one for each message, but for the steps in between."""
        events = [each.detail for each in self.account.inbox.items(self._since) if isinstance(each, BusEvent)]
        named = ((str(each["kind"]), each["job"].rsplit("/", 1)[-1], str(each["category"])) for each in events)
        return [each for each in named if each[0] != "progress"]

    def slack(self) -> list[SlackMessage]:
        """Without updates of messages that were sent before: what joined them may be shown there later."""
        items = self.account.inbox.items()
        before = {each.ts for each in items[: self._since] if isinstance(each, SlackMessage)}
        sent = (each for each in items[self._since :] if isinstance(each, SlackMessage))
        return [each for each in sent if each.update_of not in before]

    def emails(self) -> list[Email]:
        return [each for each in self.account.inbox.items(self._since) if isinstance(each, Email)]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    with LocalAccount(tmp_path_factory.mktemp("broken") / "account") as account:
        set_up_site(account)
        set_up_cronmend(account, {**PARAMETERS, **FASTER})
        account.pipeline.move_slots_away("cronmend-jobs", datetime.now(UTC))
        yield Broken(account)


def test_the_board_on_the_dashboard_has_each_job_of_jobs_toml_and_nothing_was_sent(broken: Broken) -> None:
    """The function that the stack's own dashboard names, as it is deployed."""
    clients = broken.account.clients
    name = broken.account.output("DashboardName")
    (widget,) = json.loads(clients.of("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])["widgets"]
    asked = (ROOT / "events/job_board/board.json").read_bytes()
    answer = clients.functions.invoke(FunctionName=widget["properties"]["endpoint"], Payload=asked)
    page = answer["Payload"].read().decode()
    jobs = tomllib.loads((ROOT / "jobs.toml").read_text())["jobs"]
    assert [name for name in jobs if f">{name}</button>" not in page] == []
    assert broken.account.inbox.items() == ()


def test_a_failed_migration_is_a_half_done_deploy(broken: Broken) -> None:
    broken.start(Kind.MIGRATION)
    alert = ("half_done", "publish-scheduled", "deploy_race")
    assert until(lambda: broken.sent() == [alert]), broken.sent()
    broken.fix()
    assert until(lambda: broken.sent() == [alert, ("recovered", *alert[1:])]), broken.sent()


def test_a_deploy_in_progress_holds_the_alert_and_its_end_heals_the_job(broken: Broken) -> None:
    """It starts with release 2, so it also goes back to release 1."""
    assert not broken.start(Kind.DEPLOY).runs[0].succeeded
    assert broken.sent() == []
    with pytest.raises(Refused, match="cronmend local break deploy --fix"):
        broken.breaker.start(Kind.BUG)
    broken.fix()
    assert until(lambda: broken.sent() == [("healed", "publish-scheduled", "deploy_race")]), broken.sent()


def test_a_bug_is_an_alert_that_can_be_acknowledged_and_its_fix_a_recovery(broken: Broken) -> None:
    broken.start(Kind.BUG)
    alert = ("alert", "refresh-calendar", "application_error")
    assert until(lambda: broken.sent() == [alert]), broken.sent()
    assert until(lambda: [each.to for each in broken.emails()] == [EMAIL])
    clicker, (message, *_) = broken.account.messages.clicker, broken.slack()
    assert clicker
    assert clicker.reason_against() == ""
    clicker.click(broken.slack(), message.ts, "cronmend_ack")
    assert until(lambda: USER in {each.only_for for each in broken.slack()}), "the person is answered"
    broken.fix()
    assert until(lambda: broken.sent() == [alert, ("recovered", *alert[1:])]), broken.sent()


def test_too_little_memory_is_healed_with_more(broken: Broken) -> None:
    broken.start(Kind.MEMORY)
    assert until(lambda: broken.sent() == [("healed", "rebuild-index", "out_of_memory")]), broken.sent()
    broken.fix()


def test_a_missing_image_is_one_message_for_three_jobs(broken: Broken) -> None:
    jobs = {ran.job for ran in broken.start(Kind.IMAGE).runs}
    assert len(jobs) == 3
    alerts = {("alert", job, "configuration_error") for job in jobs}
    assert until(lambda: set(broken.sent()) == alerts), broken.sent()
    assert until(lambda: len({each.update_of or each.ts for each in broken.slack()}) == 1), broken.slack()
    broken.fix()
    recovered = {("recovered", job, "configuration_error") for job in jobs}
    assert until(lambda: set(broken.sent()) == alerts | recovered), broken.sent()


def test_a_registry_that_is_away_is_healed_when_it_is_back(broken: Broken) -> None:
    broken.start(Kind.REGISTRY)
    assert broken.sent() == []
    broken.fix()
    healed = [("healed", "purge-revisions", "infrastructure")]
    assert until(lambda: broken.sent() == healed, lambda: broken.account.fire_timers("rerun-")), broken.sent()


def test_what_slack_missed_arrives_when_it_is_back(broken: Broken) -> None:
    broken.start(Kind.SLACK)
    assert until(lambda: len(broken.emails()) == 1)
    assert broken.slack() == []
    broken.fix()
    alert = ("alert", "refresh-calendar", "application_error")
    assert until(lambda: broken.sent() == [alert, ("recovered", *alert[1:])]), broken.sent()
    assert broken.slack()


def test_throttling_delays_the_alert_but_neither_loses_nor_repeats_it(broken: Broken) -> None:
    broken.start(Kind.THROTTLE)
    alert = ("alert", "refresh-calendar", "application_error")
    assert until(lambda: broken.sent() == [alert]), broken.sent()
    assert until(lambda: len(broken.emails()) == 1)
    assert until(lambda: bool(broken.slack()))
    broken.fix()
    assert until(lambda: broken.sent() == [alert, ("recovered", *alert[1:])]), broken.sent()
    calls, rejected = broken.account.throttle(on=False)
    assert calls > rejected > 0
