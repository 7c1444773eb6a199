"""Called by a CloudWatch dashboard with the viewer's own permissions: return the board or a job's page. Only reads."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import answers
from cronmend.incoming import dashboard_events
from cronmend.telemetry import function, logger
from cronmend.wiring import job_board as wiring

use_case = wiring.Current(wiring.use_case)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> str:
    if dashboard_events.asks_what_it_is(event):
        return answers.JOB_BOARD
    asked = dashboard_events.board_request(event)
    page = use_case().show(asked, context.invoked_function_arn, datetime.now(UTC))
    logger.info("Board shown", job=asked.job, state=asked.state, characters=len(page))
    return page
