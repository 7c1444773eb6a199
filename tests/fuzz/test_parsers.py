"""Every parser of foreign bytes: any input is read, or raises the one error that its parser declares.

`make fuzz` does the same for longer.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, cast

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.alerts import alerts_file
from cli.alerts.check import check_alerts
from cli.diagnosis.samples import BadSample, sample_of
from cli.jobs.check import check_jobs
from cli.jobs.importers import imported
from cli.jobs.importers.kinds import Kind, kind_of
from cli.on_call.dead_letters import Queue, content_of
from cli.toml_files import source
from cli.toml_files.source import BadFile
from cronmend.adapters.channels.slack_access import SlackAccess
from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.slack_signatures import SlackSignatures
from cronmend.deploys.holds import Hold
from cronmend.diagnosis import rule_files
from cronmend.diagnosis.fatal_error import json_lines
from cronmend.diagnosis.rule_files import BadRules
from cronmend.errors import BadEvent, NewerForm, Permanent
from cronmend.incoming import alert_payloads, dashboard_events, deploy_events, own_payloads, slack_requests, task_events
from cronmend.incoming.queued import QueuedEvent
from cronmend.jobs import cron
from cronmend.jobs.cron import CronError
from cronmend.jobs.run_task_request import marked, run_request
from cronmend.model.incident import Attempt, JobState
from cronmend.model.report import Message
from cronmend.patterns import Pattern, detector, indexer
from cronmend.redact import redact
from cronmend.use_cases.slack_action import HandleClick
from tests.adapters.ledger.stored import raw
from tests.cli.jobs import importing
from tests.cli.jobs.test_import_cloudformation import TEMPLATE as CLOUDFORMATION_TEMPLATE
from tests.cli.jobs.test_import_heroku import BLOCKS, LOADED, PAGE
from tests.cli.jobs.test_import_manifests import COPILOT, CRON_JOB
from tests.clicks import SIGNING, form, payload, request
from tests.diagnosis.test_steps import run
from tests.fakes import NOW
from tests.fuzz import foreign
from tests.fuzz.foreign import samples
from tests.fuzz.mutations import bodies, documents, texts
from tests.samples import RACE_LOG
from tests.samples import schedule as live

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))


@dataclass(frozen=True)
class Parser:
    read: Callable[[Any], object]
    inputs: st.SearchStrategy[Any]
    errors: tuple[type[Exception], ...] = ()


def deploy(event: Any) -> object:
    """With what the use case asks of the event."""
    found = deploy_events.deploy_event(event)
    if isinstance(found, deploy_events.ServiceDeployment):
        return found.cluster_arn, found.service, found.in_progress
    return found


def click(event: Any) -> object:
    return slack_requests.click(slack_requests.signed(event))


def of_value(value: Any) -> object:
    """A click on a button with this value."""
    return click(request(form(payload(actions=[{"action_id": "cronmend_ack", "value": value}]))))


def of_anyone(event: Any) -> object:
    """A request whose sender is unknown: the function URL is open to everyone."""
    others = (cast(Any, None),) * 5
    return HandleClick(SlackSignatures("arn", lambda _: SIGNING), *others).handle(event, NOW)


def pressed(event: Any) -> object:
    return dashboard_events.press(event, "request-1", NOW)


def stored(kind: str, cls: type, name: str) -> Parser:
    """An item of the ledger, of any form."""
    found = raw(kind)[:3]
    return Parser(
        lambda item: from_item(cls, stored_form.read(item)[name]), documents(found), (ValueError, LookupError)
    )


def slots(expression: str) -> object:
    return list(islice(cron.parse(expression, "Europe/London", NOW).after(NOW), 3))


def started(target_input: str) -> object:
    return marked(run_request("arn", live().parameters, target_input, {"execution-id": "e"}), "web", {"A": "b"})


def queued_body(body: str) -> object:
    return QueuedEvent("id", "receipt", body, 1, NOW).content()


class Ecs:
    """Describes one task definition."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def describe_task_definition(self, taskDefinition: str) -> Any:  # noqa: N803 # boto3's name
        return {"taskDefinition": self._raw}


def task_definition(raw: Any) -> object:
    return EcsTaskDefinitions(cast(Any, Ecs(raw))).get("webapp:2")


def jobs_toml(text: str) -> object:
    return check_jobs(source.merge((source.parse(text),)), NOW)


def alerts_toml(text: str) -> object:
    return check_alerts(alerts_file.merge([source.parse(text)]), None)


class RuleFile:
    """A file in memory."""

    name = "own.toml"

    def __init__(self, text: str) -> None:
        self._text = text

    def read_text(self, encoding: str) -> str:
        return self._text


PARSERS: Mapping[str, Parser] = {
    "a stopped task": Parser(task_events.stopped_task, documents(samples("task_stopped", "bad")), (BadEvent,)),
    "a task's status": Parser(task_events.last_status, documents(samples("task_stopped")), (BadEvent,)),
    "a deploy": Parser(deploy, documents(samples("deploy_state", "bad")), (BadEvent,)),
    "a timer of rerun": Parser(own_payloads.healing_timer, documents(foreign.TIMERS), (BadEvent, NewerForm)),
    "a run request": Parser(own_payloads.run_request_of, documents(samples("rerun")), (BadEvent,)),
    "an alert's timer": Parser(alert_payloads.alert_wakeup, documents(foreign.ALERT_TIMERS), (BadEvent, NewerForm)),
    "a request of Slack": Parser(click, documents([request(), request(base64=True)]), (BadEvent,)),
    "a payload of Slack": Parser(lambda raw: click(request(form(raw))), documents([payload()]), (BadEvent,)),
    "a body of Slack": Parser(lambda body: click({**request(), "body": body}), texts([form(payload())]), (BadEvent,)),
    "a button's value": Parser(of_value, bodies([{"job": "g/a", "incident": "i"}]), (BadEvent,)),
    "a request of anyone": Parser(of_anyone, documents([request(secret="another"), request(base64=True, secret="x")])),
    "a click handed on": Parser(slack_requests.click_of, documents(foreign.CLICKS), (BadEvent,)),
    "a dashboard's request": Parser(dashboard_events.board_request, documents(samples("job_board")), (BadEvent,)),
    "a button of the board": Parser(pressed, documents(samples("board_action")), (BadEvent,)),
    "a reply's address": Parser(slack_requests.is_slacks, texts(["https://hooks.slack.com:443/a", "//[::1"])),
    "the Slack secret": Parser(SlackAccess.parse, texts(foreign.SLACK_SECRETS), (Permanent,)),
    **{
        f"a dead letter in {source.value}": Parser(partial(content_of, source=source), bodies(foreign.DEAD_LETTERS))
        for source in Queue
    },
    "a message of a queue": Parser(queued_body, bodies(samples("task_stopped")[:3]), (BadEvent,)),
    "a task definition": Parser(task_definition, documents(foreign.TASK_DEFINITIONS)),
    "a stored job state": stored("book", JobState, "book"),
    "a stored hold": stored("hold", Hold, "hold"),
    "a stored attempt": stored("attempt", Attempt, "attempt"),
    "a stored message": stored("message", Message, "message"),
    "a JSON log line": Parser(json_lines.unfold, bodies(foreign.JSON_LINES)),
    "a log": Parser(lambda text: run(tuple(text.split("\n"))), texts(["\n".join(RACE_LOG)])),
    "text to redact": Parser(redact, texts(foreign.SECRETIVE)),
    "a sample to classify": Parser(sample_of, documents(foreign.CLASSIFIED), (BadSample,)),
    "a schedule's expression": Parser(slots, texts(foreign.EXPRESSIONS), (CronError,)),
    "a target's input": Parser(started, bodies(foreign.TARGET_INPUTS), (Permanent,)),
    "a crontab": Parser(importing.from_crontab, texts([foreign.CRONTAB])),
    "ecschedule's YAML": Parser(importing.from_ecschedule, texts([foreign.ECSCHEDULE]), (Permanent,)),
    "ecschedule's rules": Parser(
        lambda tables: importing.from_ecschedule(yaml.safe_dump(tables)),
        documents([yaml.safe_load(foreign.ECSCHEDULE)]),
        (Permanent,),
    ),
    "Terraform's JSON": Parser(importing.from_terraform, bodies([foreign.TERRAFORM]), (Permanent,)),
    "a template": Parser(
        lambda text: imported.from_file(text, Kind.CLOUDFORMATION), texts([CLOUDFORMATION_TEMPLATE]), (Permanent,)
    ),
    "Heroku Scheduler's page": Parser(importing.from_heroku, texts([PAGE, BLOCKS, LOADED]), (Permanent,)),
    "Copilot's manifest": Parser(lambda text: imported.from_file(text, Kind.COPILOT), texts([COPILOT]), (Permanent,)),
    "a CronJob": Parser(lambda text: imported.from_file(text, Kind.KUBERNETES), texts([CRON_JOB]), (Permanent,)),
    "a file of any kind": Parser(
        kind_of,
        texts([foreign.CRONTAB, foreign.ECSCHEDULE, CLOUDFORMATION_TEMPLATE, COPILOT, CRON_JOB, PAGE]),
        (Permanent,),
    ),
    "jobs.toml": Parser(jobs_toml, texts([foreign.JOBS_TOML]), (BadFile,)),
    "alerts.toml": Parser(alerts_toml, texts([foreign.ALERTS_TOML]), (BadFile,)),
    "a file of rules": Parser(
        lambda text: rule_files.read([cast(Any, RuleFile(text))]), texts([foreign.RULES]), (BadRules,)
    ),
}


@pytest.mark.parametrize("name", ["jobs.toml", "alerts.toml", "a file of rules"])
@pytest.mark.parametrize("value", ["1" * 5_000, "[" * 5_000, "{a=" * 5_000, "0001-01-01T00:00:00+23:59"])
def test_values_beyond_pythons_limits_are_refused(name: str, value: str) -> None:
    with contextlib.suppress(*PARSERS[name].errors):
        PARSERS[name].read(f"a = {value}")


def test_a_pattern_reads_halves_of_characters() -> None:
    """JSON may hold them, and RE2 can't."""
    pattern = Pattern("b+")
    assert pattern.search("\ud800abb").span() == (2, 4)
    assert [each.span() for each in pattern.finditer("\ud800bab")] == [(1, 2), (3, 4)]
    assert pattern.sub("c", "\ud800ab") == "?ac"
    assert indexer(["a", "b"])("\ud800b") == (1,)
    assert detector("b")("\ud800b")


@pytest.mark.parametrize("name", PARSERS)
def test_any_input_is_read_or_refused(name: str) -> None:
    parser = PARSERS[name]

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(parser.inputs)
    def reads(hostile: Any) -> None:
        with contextlib.suppress(*parser.errors):
            parser.read(hostile)

    reads()
