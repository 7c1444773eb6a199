"""Headlines: what failed, in words, and the state of the deploy. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from cronmend.alerting import causes, endings, missed_slots
from cronmend.model import WindowState
from cronmend.model.incident import Incident
from cronmend.model.report import MessageKind
from cronmend.wording import moment, sentence, times

LONG: Final = 150
"""Characters of a headline: the limit of a Slack header."""
SHORT: Final = 99
"""Characters of the short form: the limit of an SNS subject."""
SUMMARY: Final = 130
"""Characters of a text message after the name Cronmend."""
_DOTS: Final = "..."
"""How the short form shows a cut: an SNS subject is ASCII, and three characters have to fit there."""
LEAST_CAUSE: Final = 30
"""Characters of a cause that are left when it is cut, unless the job's name is too long for them."""

_DEPLOY: Final = {
    WindowState.OPEN: ("a deploy is in progress", "deploy in progress"),
    WindowState.RECENT: ("a deploy just ended",),
    WindowState.CLOSED: ("no deploy is in progress", "no deploy in progress", "no deploy"),
    WindowState.STUCK: ("the deploy is half done",),
    WindowState.OLDER_CODE: ("the schedule runs older code than the service", "older code than the service"),
}
"""Longest first."""
_UNKNOWN_DEPLOY: Final = ("Cronmend couldn't check for a deploy", "deploy not checked")


class Headline(Struct, frozen=True):
    """One headline in its three lengths."""

    long: str
    short: str
    summary: str

    @property
    def shortened(self) -> str:
        """The short form; ``""`` if the long one is short enough."""
        return self.short if self.short != self.long else ""


def of(incident: Incident, kind: MessageKind) -> Headline:
    """Object, verdict, cause and deploy, without a full stop."""
    verdict = f"{name_of(incident.job)} {_verdict(incident, kind)}"
    match kind:
        case MessageKind.HEALED | MessageKind.RECOVERED:
            return _ended(verdict, endings.stories(incident, healed=kind is MessageKind.HEALED))
        case MessageKind.REMINDER:
            return plain(f"{verdict}: {_since(incident)}", f"{verdict}: {_since(incident)}.")
        case MessageKind.HALF_DONE:
            return _half_done(verdict, incident)
        case _:
            return _failed(verdict, incident)


def of_group(what_failed: str, jobs: int, healed: int, failures: int = 0) -> str:
    """The headline of a group that failed with the cause ``what_failed``.

    Args:
        failures: if there are more of them than jobs, some jobs failed again: a later message of the group then differs
            from an earlier one that names the same jobs.
    """
    if not healed:
        return clipped(f"{jobs} jobs failed{often(jobs, failures)}: {what_failed}")
    return clipped(f"{some_healed(jobs, healed, failures)} (cause: {what_failed})")


def often(jobs: int, failures: int) -> str:
    return f" {failures} times" if failures > jobs else ""


def some_healed(jobs: int, healed: int, failures: int) -> str:
    some = f"all {jobs}" if healed >= jobs else f"{healed} of {jobs}"
    return f"{some} jobs healed" + (f" after {failures} failures" if failures > jobs else "")


def what_failed(incident: Incident, kind: MessageKind) -> str:
    """The cause that a group shows for all of its jobs."""
    if kind is MessageKind.HALF_DONE:
        return f"the deploy is half done, and {causes.of(incident)[0]}"
    return next(_joined([causes.of(incident)[0]], _deploys(incident)))


def name_of(job: str) -> str:
    """The schedule's name alone."""
    return job.rsplit("/", 1)[-1]


def short(jobs: Sequence[str], most: int) -> str:
    """The names of the first jobs, and how many more there are."""
    names = ", ".join(name_of(job) for job in jobs[:most])
    return f"{names} and {len(jobs) - most} more" if len(jobs) > most else names


def clipped(text: str, limit: int = LONG, cut: str = "…") -> str:
    return text if len(text) <= limit else f"{text[: limit - len(cut)]}{cut}"


def _verdict(incident: Incident, kind: MessageKind) -> str:
    said = {
        MessageKind.HALF_DONE: "can't run",
        MessageKind.HEALED: "healed",
        MessageKind.RECOVERED: "recovered",
        MessageKind.GAVE_UP: f"still fails after {times(incident.reruns, 're-run')}",
        MessageKind.REMINDER: "still fails",
    }
    return said.get(kind) or _failure(incident)


def _failure(incident: Incident) -> str:
    if missed_slots.are_all(incident):
        return missed_slots.what(incident)
    if verdict := incident.category.traits.verdict:
        return verdict
    if incident.ran:
        return "was stopped" if incident.category.traits.of_aws else "failed"
    return "can't start" if incident.category.traits.needs_person else "failed to start"


def _failed(verdict: str, incident: Incident) -> Headline:
    known, deploys = causes.of(incident), _deploys(incident)
    whole = [f"{verdict}: {each}" for each in _joined(known, deploys)]
    ends = [f"; {each}" for each in deploys] or [""]
    long = _fitting(whole, verdict, known[-1], ends[0], LONG)
    in_ascii = [each.replace("…", _DOTS) for each in whole]
    short = _fitting(in_ascii, verdict, known[-1].replace("…", _DOTS), ends[-1], SHORT, _DOTS)
    closing = _closing(incident)
    said = [f". {sentence(each)} {closing}" for each in deploys[1:] or deploys] or [f". {closing}"]
    summary = _fitting([f"{verdict}: {known[-1]}{each}" for each in said], verdict, known[-1], said[-1], SUMMARY)
    return Headline(long, short, summary)


def _fitting(whole: Sequence[str], verdict: str, cause: str, end: str, limit: int, cut: str = "…") -> str:
    """The first text that fits; if none does, the cause is cut, so that the verdict and ``end`` stay."""
    if fits := next((each for each in whole if len(each) <= limit), ""):
        return fits
    start = f"{verdict}: "
    room = max(LEAST_CAUSE, limit - len(start) - len(end))
    return clipped(f"{start}{clipped(cause, room, cut)}{end}", limit, cut)


def _ended(verdict: str, stories: Sequence[str]) -> Headline:
    whole = [f"{verdict}: {each}" for each in stories]
    said = [f"{each}. No action needed." for each in whole]
    return Headline(_first(whole, LONG), _first(whole, SHORT), _first(said, SUMMARY))


def _half_done(verdict: str, incident: Incident) -> Headline:
    start = f"{verdict}: the deploy is half done"
    known = causes.of(incident)
    whole = (f"{start}, and {known[0]}", f"{start} ({known[-1]})", start)
    summary = f"{start}. Finish it or roll back. No re-runs until then."
    return Headline(_first(whole, LONG), _first(whole, SHORT), _first((summary, f"{start}."), SUMMARY))


def plain(text: str, summary: str) -> Headline:
    """A text of any length, cut where it doesn't fit."""
    return Headline(clipped(text), clipped(text, SHORT), clipped(summary, SUMMARY))


def _closing(incident: Incident) -> str:
    """The last words of a text message."""
    if incident.planned or incident.starting:
        return "A re-run follows."
    if not incident.ran:
        return "No re-run."
    diagnosis = incident.diagnosis
    unsure = diagnosis.is_unsure or diagnosis.category.traits.heals or diagnosis.may_end_with_deploy
    return "Check it; no re-run." if unsure else "Needs a fix; no re-run."


def _deploys(incident: Incident) -> tuple[str, ...]:
    """How the headline ends. It says that Cronmend couldn't check for a deploy if one might explain the failure."""
    state = incident.diagnosis.window.state
    asks = incident.diagnosis.asks_for_deploy
    return _UNKNOWN_DEPLOY if state is WindowState.UNKNOWN and asks else _DEPLOY.get(state, ())


def _joined(causes: Iterable[str], deploys: Sequence[str]) -> Iterator[str]:
    """Each cause with each form of the deploy's state, the longest first."""
    for cause in causes:
        if not deploys:
            yield cause
        yield from (f"{cause}; {deploy}" for deploy in deploys)


def _first(texts: Sequence[str], limit: int) -> str:
    """The first text that fits; if none does, the last one, cut."""
    return next((" ".join(each.split()) for each in texts if len(each) <= limit), clipped(texts[-1], limit))


def _since(incident: Incident) -> str:
    if missed_slots.are_all(incident):
        return f"it {missed_slots.what(incident)}"
    latest = incident.failed.created_at if incident.failed else incident.began_at
    return f"{times(incident.runs, 'run')} failed since {moment(incident.began_at, latest)}"
