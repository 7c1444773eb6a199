"""What ``slack_action`` is made of."""

import os
from collections.abc import Mapping

from cronmend.adapters.lambda_calls import LambdaRelay, LambdaRuns
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.requests import DynamoTaken
from cronmend.adapters.slack_people import SlackReplies, SlackSignatures, SlackStaff
from cronmend.settings import Settings
from cronmend.use_cases.alerting.acknowledge import AnswerCare
from cronmend.use_cases.slack_action import ClickCare
from cronmend.wiring import shared


def click_care(env: Mapping[str, str] = os.environ) -> ClickCare:
    """Lambda tells each function its own name."""
    settings = Settings.from_env(env)
    return ClickCare(
        signatures=SlackSignatures(settings.slack_signing_secret_arn),
        taken=DynamoTaken(settings.ledger_table),
        relay=LambdaRelay(env.get("AWS_LAMBDA_FUNCTION_NAME", "")),
        staff=SlackStaff(settings.slack_allowed, settings.slack_secret_arn),
        runs=LambdaRuns(settings.rerun_function_arn),
        replies=SlackReplies(settings.slack_secret_arn),
        answers=AnswerCare(shared.ledger(settings), DynamoMutes(settings.ledger_table)),
    )
