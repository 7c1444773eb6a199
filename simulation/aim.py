"""How likely a history kills a function at its first call of each kind: the rarer the call, the likelier."""

SHARES = {
    "task_state": 0.01,
    "start_failed": 0.1,
    "deploy_state": 0.03,
    "rerun": 0.08,
    "rerun_asked": 0.08,
    "rerun_woken": 0.08,
    "failure_alert": 0.01,
    "failure_alert_woken": 0.06,
    "reconcile": 0.02,
    "person": 0.1,
}
"""The share of the histories that kill a function before, and after, its first call of a port's method: small for a
function that is called hundreds of times a day, larger for one that most days don't call."""
RARE = {
    "task_state": ("ecs.active", "ledger.get", "ledger.open_until", "parameters.now"),
    "start_failed": (
        *("ecs.active", "ledger.get", "ledger.open_until", "parameters.now", "scheduler.named", "scheduler.set"),
    ),
    "deploy_state": (
        *("ledger.add", "ledger.commit", "ledger.get", "ledger.leased_until", "ledger.read", "ledger.remove"),
        *("ledger.tell", "scheduler.bring_forward", "scheduler.hold", "scheduler.listed", "scheduler.move"),
    ),
    "rerun": ("ecs.get", "ecs.images", "ecs.running", "ledger.leased_until", "ledger.of"),
    "rerun_asked": ("ledger.get",),
    "rerun_woken": (
        *("ecs.get", "ecs.images", "ecs.run", "ecs.running", "ledger.get", "ledger.leased_until", "ledger.of"),
        *("ledger.put", "ledger.read", "ledger.remove", "ledger.started", "scheduler.release", "scheduler.set"),
    ),
    "failure_alert": ("queue.put",),
    "failure_alert_woken": (
        *("events.send", "ledger.commit", "ledger.current", "ledger.join", "ledger.open", "ledger.opened"),
        *("ledger.after_join", "ledger.latest", "ledger.seen", "queue.put", "slack.send", "slack.update", "sns.send"),
    ),
    "reconcile": ("ecs.stop", "ledger.get", "ledger.remove", "ledger.settle", "ledger.tell", "parameters.now"),
    "person": ("ledger.commit",),
}
"""Calls that a function makes in few of the histories that call it."""
SHARE_OF_RARE = 0.3


def share(function: str, call: str) -> float:
    """The share of histories that kill the function before, and after, their first such call."""
    return SHARE_OF_RARE if call in RARE.get(function, ()) else SHARES[function]
