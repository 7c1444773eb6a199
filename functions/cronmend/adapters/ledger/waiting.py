"""The row of a re-run that waits for a deploy, ``WAITING#<cluster arn>``/``<family>#<job>``.

It says whose re-run it is and which image failed, but not why: that is in the job's state.
"""

from collections.abc import Iterator
from copy import replace
from typing import Any

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import key, to_sparse_item
from cronmend.model import Diagnosis
from cronmend.model.incident import Incident, RunRecord


def wait_of(incident: Incident, run: RunRecord | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The write that an incident's change needs. The incident's first failure can't have left a row."""
    pk, sk = f"WAITING#{incident.cluster_arn}", f"{incident.family}#{incident.job}"
    waits = incident.diagnosis.waits_for_deploy
    if incident.planned and waits:
        why = Diagnosis(incident.category, incident.diagnosis.rule, "")
        brief = replace(incident, diagnosis=why, since=None, broken=None, succeeding=None)
        row = {"pk": pk, "sk": sk, "kind": "waiting", "incident": to_sparse_item(brief)}
        yield "Put", {"Item": stored_form.written(row)}
    elif (run is None or run.task_id != incident.id) and (incident.is_open or waits):
        yield "Delete", {"Key": key(pk, sk)}
