"""The documents of ``--json``. Their keys are public, so they don't change when the stored form does."""

from typing import Any

from cronmend.adapters.ledger.items import to_item
from cronmend.alerting.fingerprint import cause_of
from cronmend.model import DeployWindow, Diagnosis
from cronmend.model.failed_run import FailedRun
from cronmend.model.findings import KnownFinding
from cronmend.model.incident import Incident


def of_incident(incident: Incident) -> dict[str, Any]:
    """One flat map, without the values that aren't known. ``cause`` is as a grouped message shows it."""
    own = to_item(incident)
    failed = _of_failed_run(incident.failed) if incident.failed else {"ran": False, "attempt": 1, "last_good": {}}
    flat = {**_of_diagnosis(incident.diagnosis), **failed}
    own = {
        name: value
        for name, value in own.items()
        if name not in ("diagnosis", "failed", "began_with_task", "missed_until")
    }
    known = {name: value for name, value in flat.items() if value not in (None, "", [])}
    return {**own, **known, "cause": cause_of(incident)}


def of_finding(known: KnownFinding) -> dict[str, Any]:
    notified = known.notified_at.isoformat() if known.notified_at else None
    return {**to_item(known.finding), "found_at": known.found_at.isoformat(), "notified_at": notified}


def _of_diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    own = to_item(diagnosis)
    del own["window"], own["lasts"]
    return {**own, **_of_window(diagnosis.window)}


def _of_window(window: DeployWindow) -> dict[str, Any]:
    return {
        "window": window.state.value,
        "window_reason": window.reason,
        "signal": window.signal.value,
        "during": window.during,
        "proof": window.proof.value if window.proof else "",
        "unread": list(window.unread),
    }


def _of_failed_run(failed: FailedRun) -> dict[str, Any]:
    own, container = to_item(failed), failed.container
    own["failed_at"] = own.pop("created_at")
    own.pop("slot", None)  # the incident's own is shown
    if not failed.no_task:
        del own["no_task"]
    own["task_definition"] = str(failed.task_definition)
    return {**own, "container": container.name, "image": container.image, "image_digest": container.image_digest}
