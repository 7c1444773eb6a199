"""Builds the use case of ``slack_action``."""

import os
from collections.abc import Mapping

from cronmend.adapters.lambda_calls import LambdaClickRelay
from cronmend.adapters.ledger.requests import DynamoSeenRequests
from cronmend.adapters.slack_allowed_users import SlackAllowedUsers
from cronmend.adapters.slack_replies import SlackReplies
from cronmend.adapters.slack_signatures import SlackSignatures
from cronmend.settings import Settings
from cronmend.use_cases.slack_action import HandleClick
from cronmend.wiring.presses import presses
from cronmend.wiring.shared import Current

__all__ = ["Current", "use_case"]


def use_case(env: Mapping[str, str] = os.environ) -> HandleClick:
    """Lambda sets AWS_LAMBDA_FUNCTION_NAME for each function."""
    settings = Settings.from_env(env)
    return HandleClick(
        signatures=SlackSignatures(settings.slack_signing_secret_arn),
        seen=DynamoSeenRequests(settings.ledger_table),
        relay=LambdaClickRelay(env.get("AWS_LAMBDA_FUNCTION_NAME", "")),
        allowed=SlackAllowedUsers(settings.slack_allowed, settings.slack_secret_arn),
        replies=SlackReplies(settings.slack_secret_arn),
        presses=presses(settings),
    )
