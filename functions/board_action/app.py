"""Called by a button of the board, with the viewer's own permissions: acknowledge, mute, or request a run.

CloudWatch doesn't say who clicked. The log has the time and the ID of the call; CloudTrail names the caller of each
call if it logs Lambda's data events.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cronmend import answers
from cronmend.incoming import dashboard_events
from cronmend.telemetry import function, logger
from cronmend.wiring import board_action as wiring

use_case = wiring.Current(wiring.use_case)


@function
def handler(event: dict[str, Any], context: LambdaContext) -> str:
    if dashboard_events.asks_what_it_is(event):
        return answers.BOARD_ACTION
    now = datetime.now(UTC)
    press = dashboard_events.press(event, context.aws_request_id, now)
    answered = use_case().carry_out(press, dashboard_events.theme(event), now)
    told = {"job": press.job, "incident": press.incident, "button": press.button.value, "by": press.by}
    logger.info("Button of the board carried out", extra={**told, "result": answered.done})
    return answered.page
