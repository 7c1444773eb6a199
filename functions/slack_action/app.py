"""Woken through its function URL when a person clicks a button in Slack: proves that it is Slack, and answers at once.

What was asked is then done by a second call of the same function, which has all the time that it needs. Whoever
sends what is not Slack's learns nothing of the reason; the log has it, without the body.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend.incoming import slack_requests
from cronmend.telemetry import count, function, logger
from cronmend.wiring import slack_action as wiring

care = cache(wiring.click_care)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if slack_requests.is_click(event):
        return _carry_out(event)
    heard = care().handle(event, datetime.now(UTC))
    if heard.status == 200:
        logger.info(heard.why, extra=_named(heard.click))
    else:
        logger.warning("a request was refused", status=heard.status, reason=heard.why)
        count("RefusedRequests", status=str(heard.status))
    return {"statusCode": heard.status}


def _carry_out(event: dict[str, Any]) -> dict[str, Any]:
    click = slack_requests.click_of(event)
    done = care().carry_out(click, datetime.now(UTC))
    logger.info(done.done, extra=_named(click))
    if done.told:
        logger.warning("the person was not told", extra={**_named(click), "reason": done.told})
    return {"job": click.job, "done": done.done}


def _named(click: slack_requests.Click | None) -> dict[str, str]:
    if click is None:
        return {}
    return {"job": click.job, "incident": click.incident, "button": click.button.value, "by": click.by}
