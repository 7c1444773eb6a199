"""Puts the adapters behind the use case of answering a click."""

from collections.abc import Mapping

from cronmend.adapters.clicks import DynamoTaken, LambdaRelay, LambdaRuns
from cronmend.adapters.ledger import DynamoLedger
from cronmend.adapters.people import DynamoMutes
from cronmend.adapters.slack_people import SlackReplies, SlackSignatures, SlackStaff
from cronmend.care.answer import AnswerCare
from cronmend.care.click import ClickCare
from cronmend.settings import Settings


def click_care_of(settings: Settings, ledger: DynamoLedger, env: Mapping[str, str]) -> ClickCare:
    """Lambda tells each function its own name."""
    return ClickCare(
        signatures=SlackSignatures(settings.slack_signing_secret_arn),
        taken=DynamoTaken(settings.ledger_table),
        relay=LambdaRelay(env.get("AWS_LAMBDA_FUNCTION_NAME", "")),
        staff=SlackStaff(settings.slack_allowed, settings.slack_secret_arn),
        runs=LambdaRuns(settings.rerun_function_arn),
        replies=SlackReplies(settings.slack_secret_arn),
        answers=AnswerCare(ledger, DynamoMutes(settings.ledger_table)),
    )
