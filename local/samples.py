"""The sample events with their entries in events/samples.toml: what each shows, its past, and its outcome."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.root import ROOT

EVENTS = ROOT / "events"
TABLE = EVENTS / "samples.toml"
GROUP = "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    folder: str
    stem: str
    function: str
    """The function that it triggers, by its name in the template; ``""`` for an event that Cronmend itself sends."""
    shows: str
    past: Mapping[str, Any]
    outcome: Mapping[str, Any]
    """Parts of the function's answer, in the form of :func:`local.outcomes.seen`."""
    sent: Sequence[str] | None
    """Kinds of the messages that people are sent; None if the function's answer doesn't list them."""

    @property
    def path(self) -> str:
        """Below events/."""
        return f"{self.folder}/{self.stem}.json"

    @property
    def name(self) -> str:
        """The name of this sample's schedule, family, service and pipeline."""
        return self.stem.replace("_", "-")

    @property
    def job(self) -> str:
        return str(self.past.get("job", f"{GROUP}/{self.name}"))

    def event(self) -> Any:
        return json.loads((EVENTS / self.path).read_text(encoding="utf-8"))

    def log(self) -> Sequence[str]:
        name = self.past.get("log")
        return (EVENTS / "logs" / f"{name}.log").read_text(encoding="utf-8").splitlines() if name else ()


@dataclass(frozen=True, slots=True)
class Folder:
    name: str
    function: str
    about: str
    samples: Sequence[Sample]


def folders(table: Path = TABLE) -> Sequence[Folder]:
    written = tomllib.loads(table.read_text(encoding="utf-8"))
    return [_folder(name, content) for name, content in written.items()]


def samples(*names: str) -> Sequence[Sample]:
    """The samples in these folders, or all of them."""
    return [each for folder in folders() if folder.name in names or not names for each in folder.samples]


def pipelines() -> str:
    """The template's parameter ``Pipelines``: each deploys the family of its own name."""
    return ",".join(f"{each.name}={each.name}" for each in samples("deploy_state") if each.past.get("pipeline"))


PARAMETERS: Mapping[str, str] = {"DefaultRerunPolicy": "safe", "SlackAllowed": "U012AB3CD"}
"""The stack's parameters for jobs that jobs.toml doesn't have, so that the samples show re-runs."""
VARIABLES: Mapping[str, str] = {"STALE_AFTER_SECONDS": "315360000"}
"""The samples' times are in the past; by default, Cronmend re-runs a job only for a day after its slot."""


def _folder(name: str, content: Mapping[str, Any]) -> Folder:
    function = content.get("function", "")
    found = [
        Sample(
            folder=name,
            stem=stem,
            function=row.get("function", function),
            shows=row["shows"],
            past=row.get("past", {}),
            outcome=row.get("outcome", {}),
            sent=row.get("sent"),
        )
        for stem, row in content["samples"].items()
    ]
    return Folder(name, function, content["about"].strip(), found)
