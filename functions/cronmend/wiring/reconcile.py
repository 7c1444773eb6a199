"""Builds the use case of ``reconcile``."""

import os
from collections.abc import Mapping

from cronmend.adapters.lambda_calls import LambdaWakeups
from cronmend.adapters.ledger.promises import DynamoPromises
from cronmend.settings import Settings
from cronmend.use_cases.reconcile import Reconcile
from cronmend.wiring import shared


def use_case(env: Mapping[str, str] = os.environ) -> Reconcile:
    settings = Settings.from_env(env)
    return Reconcile(
        promises=DynamoPromises(settings.ledger_table),
        job_states=shared.ledger(settings),
        wakeups=LambdaWakeups(settings.rerun_function_arn, settings.alert_function_arn),
    )
