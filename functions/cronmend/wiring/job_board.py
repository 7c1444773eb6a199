"""Builds the use case of ``job_board``."""

import os
from collections.abc import Mapping

from cronmend.adapters.ledger.board import DynamoBoard
from cronmend.adapters.ledger.job_records import DynamoJobRecords
from cronmend.adapters.live_tasks import EcsLiveTasks
from cronmend.settings import Settings
from cronmend.use_cases.job_board import JobBoard
from cronmend.wiring import shared
from cronmend.wiring.shared import Current

__all__ = ["Current", "use_case"]


def use_case(env: Mapping[str, str] = os.environ) -> JobBoard:
    """Lambda sets AWS_LAMBDA_FUNCTION_NAME and AWS_REGION for each function."""
    settings = Settings.from_env(env)
    stack = env.get("AWS_LAMBDA_FUNCTION_NAME", "").removesuffix("-job-board")
    return JobBoard(
        ledger=DynamoBoard(settings.ledger_table),
        records_of_jobs=DynamoJobRecords(settings.ledger_table),
        tasks=EcsLiveTasks(),
        place=", ".join(filter(None, (stack, env.get("AWS_REGION", "")))),
        clusters=settings.clusters,
        policies=shared.policies_of(settings),
        action_function=settings.board_action_function_arn,
    )
