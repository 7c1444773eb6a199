"""What the functions keep between two calls: clients and what uses them, whose account may be that of another test."""

import sys

HANDLERS = {
    f"{name}.app"
    for name in (
        *("task_state", "deploy_state", "rerun", "failure_alert", "slack_action", "reconcile"),
        *("job_board", "board_action"),
    )
}


def forget() -> None:
    """Of the modules that were imported so far."""
    if loaded := sys.modules.get("cronmend.adapters.aws"):
        loaded.session.cache_clear()
    if loaded := sys.modules.get("cronmend.wiring.shared"):
        loaded.published.cache_clear()
    if loaded := sys.modules.get("aws_lambda_powertools.utilities.parameters"):
        loaded.clear_caches()
    for handler in HANDLERS & sys.modules.keys():
        for built in vars(sys.modules[handler]).values():
            if hasattr(built, "cache_clear") and not isinstance(built, type):
                built.cache_clear()
