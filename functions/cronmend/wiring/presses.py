"""What a person can do with a button, for the functions that handle one."""

from cronmend.adapters.lambda_calls import LambdaReruns
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.settings import Settings
from cronmend.use_cases.alerting.acknowledge import Acknowledgements
from cronmend.use_cases.alerting.presses import Presses
from cronmend.wiring import shared


def presses(settings: Settings) -> Presses:
    answers = Acknowledgements(shared.ledger(settings), DynamoMutes(settings.ledger_table))
    return Presses(answers, LambdaReruns(settings.rerun_function_arn))
