"""Triggered by its function URL when a person clicks a button in Slack: verify the request, and answer at once.

A second invocation of the same function then carries out the click, without Slack's limit of three seconds. A caller
whose signature fails gets no reason; the log has it, without the body.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import answers
from cronmend.incoming import slack_requests
from cronmend.telemetry import SAM_LOCAL, count, function, logger
from cronmend.wiring import slack_action as wiring

use_case = wiring.Current(wiring.use_case)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if slack_requests.is_click(event):
        return _carry_out(event)
    result = use_case().handle(event, datetime.now(UTC))
    if result.status == 200:
        logger.info("Slack request handled", extra={**_named(result.click), "result": result.why})
    else:
        logger.warning("Slack request rejected", status=result.status, reason=result.why)
        count("RefusedRequests", status=str(result.status))
    # The caller may be anyone: a reason is for the person at this machine alone.
    return {"statusCode": result.status, **({"why": result.why} if SAM_LOCAL else {})}


def _carry_out(event: dict[str, Any]) -> dict[str, Any]:
    click = slack_requests.click_of(event)
    done = use_case().carry_out(click, datetime.now(UTC))
    logger.info("Click carried out", extra={**_named(click), "result": done.done})
    if done.undelivered:
        logger.warning("Slack reply failed", extra={**_named(click), "reason": done.undelivered})
    incident = use_case().presses.answers.job_states.read(click.job).incident
    return answers.of_click(click.job, click.button.value, done.done, incident)


def _named(click: slack_requests.Click | None) -> dict[str, str]:
    if click is None:
        return {}
    return {"job": click.job, "incident": click.incident, "button": click.button.value, "by": click.by}
