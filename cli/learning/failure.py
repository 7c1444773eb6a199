"""A failure to learn from, in the form that may be written to a repository: redacted, and only what diagnosis reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from cli.diagnosis.samples import Sample, diagnosed, sample_of
from cronmend.model import Diagnosis, Log, Policy, WindowState
from cronmend.redact import Redactor

TAIL: Final = 80
"""Lines of the log that a fixture keeps, if they are diagnosed like the whole log."""
_OF_TASK: Final = (
    *("taskArn", "clusterArn", "taskDefinitionArn", "lastStatus", "launchType", "capacityProviderName", "startedBy"),
    *("stopCode", "stoppedReason", "createdAt", "startedAt", "stoppedAt", "cpu", "memory"),
)
_OF_CONTAINER: Final = ("name", "exitCode", "reason", "image")


@dataclass(frozen=True, slots=True)
class Failure:
    source: str
    """Where it is from: a file, or a task."""
    event: Mapping[str, Any]
    """The final event, or its detail, or what DescribeTasks answers."""
    container: str
    """The one that is the job."""
    log: Log
    deploy: WindowState
    policy: Policy

    @property
    def raw(self) -> dict[str, Any]:
        """As a sample in JSON."""
        return {
            "event": self.event,
            "log": list(self.log),
            "deploy": self.deploy.value,
            "policy": self.policy.value,
            "job_container": self.container,
        }

    @property
    def sample(self) -> Sample:
        return sample_of(self.raw)

    def verdict(self) -> tuple[Diagnosis, str]:
        """The diagnosis by the shipped rules, and the action."""
        return diagnosed(self.sample)

    def redacted(self, hide: Redactor) -> Self:
        """Without secrets, without the run's command and environment, and without what no diagnosis reads.

        The log is redacted as one text: a key may have several lines.
        """
        lines = tuple(hide("\n".join(self.log)).split("\n")) if self.log else ()
        return replace(self, event=_plain(self.event.get("detail", self.event), hide), log=lines)

    def cut(self) -> Self:
        """With the tail of its log, if that is diagnosed like the whole."""
        short = replace(self, log=self.log[-TAIL:])
        return short if short.said == self.said else self

    @property
    def said(self) -> str:
        """The verdict as words for a person."""
        diagnosis, action = self.verdict()
        return f"{diagnosis.category.value}/{action} by {diagnosis.rule}"


def _plain(detail: Mapping[str, Any], hide: Redactor) -> dict[str, Any]:
    containers = [dict(_kept(each, _OF_CONTAINER, hide)) for each in detail.get("containers") or ()]
    return {**dict(_kept(detail, _OF_TASK, hide)), "containers": containers}


def _kept(raw: Mapping[str, Any], names: tuple[str, ...], hide: Redactor) -> Iterator[tuple[str, Any]]:
    for name in names:
        match raw.get(name):
            case None:
                continue
            case datetime() as time:
                yield name, time.isoformat()
            case str() as text:
                yield name, hide(text)
            case number:
                yield name, number
