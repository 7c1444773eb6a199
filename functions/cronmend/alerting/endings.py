"""How an incident ended, told in one line. Pure."""

from collections.abc import Sequence
from datetime import datetime

from cronmend.alerting import missed_slots, outlook
from cronmend.model import Category, Signal
from cronmend.model.incident import Incident
from cronmend.wording import clock, moment


def stories(incident: Incident, *, healed: bool) -> Sequence[str]:
    """From the failure to the success, without the job's name; the longest first.

    Args:
        healed: whether a re-run ended it.
    """
    if not healed and (missed_slots.are_all(incident) or outlook.succeeded_late(incident)):
        return (recovery(incident),)
    failed, known = _what(incident), incident.ended_at
    then = "re-run succeeded" if healed else "a later run succeeded"
    ended = f"{then} at {clock(known)}" if known else then
    dated = f"{failed} at {_since(incident, known)}" if known else failed
    alert = "an alert was sent" if incident.notified else "no one was alerted"
    return f"{dated}, {ended}, {alert}", f"{dated}, {ended}", f"{failed}, {ended}", ended


def recovery(incident: Incident) -> str:
    """What ended the incident without a re-run."""
    if missed_slots.are_all(incident):
        return f"it {missed_slots.what(incident)}, and a later run succeeded"
    return "the overdue run has succeeded" if outlook.succeeded_late(incident) else "a later run succeeded"


def _what(incident: Incident) -> str:
    """If the run's own code shows the deploy, the story names it."""
    by_code = incident.diagnosis.window.signal is Signal.REVISION
    if incident.failed and by_code and incident.category is Category.DEPLOY_RACE:
        return f"ran into deploy {incident.failed.task_definition}"
    return incident.category.traits.story


def _since(incident: Incident, ended: datetime) -> str:
    """The failure's time, in the zone that the end's time names."""
    failed = incident.failed
    at = (failed.ended_at or failed.created_at) if failed else incident.began_at
    return moment(at, ended).removesuffix(" UTC")
