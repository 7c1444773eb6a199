"""events/README.md, from events/samples.toml."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from local.samples import Folder, Sample

HEAD = """\
<!-- Generated from samples.toml by `cronmend samples build`. Don't edit. -->

# Sample events

Complete events that trigger each function, as AWS sends them. IDs, names and times are made up; the shapes are real.
The local account has a past for each: a job with its schedule, the service and its revisions, the log. Each sample
reaches the outcome listed here, in any order, and the tests compare every one. To try one on this machine:

```
cronmend local up
sam build --config-env containers
sam local invoke TaskStateFunction -e events/task_stopped/missing_model_deploy_open.json
```

[docs/sam-local.md](../docs/sam-local.md) lists the requirements. "Filtered out by the rule"
means that the event never reaches the function in AWS. The outcome listed is that of the first invocation; a second one
may find nothing left to bring forward or to run.
"""
_ACTIONS = {"rerun": "re-run planned, alert held", "alert": "alert now", "none": "none"}
_MESSAGES = {
    "alert": "the alert",
    "half_done": "the deploy is half done",
    "gave_up": "Cronmend gives up",
    "healed": "it is healed",
    "recovered": "it has recovered",
}
_PAGES = {
    "documentation": "its documentation",
    "no match": "the board without a row",
    "board": "the board",
    "job": "the job's page",
    "gone": "a sentence that says so",
    "nothing": "nothing was done, and why",
    "acknowledged": "acknowledged",
    "muted": "muted",
    "blocked": "the guards that block the run",
    "started": "the job runs",
}


def readme(folders: Sequence[Folder]) -> str:
    return "\n".join([HEAD.rstrip(), *(_section(folder) for folder in folders)]) + "\n"


def _section(folder: Folder) -> str:
    titles, cells = _TABLES[folder.name]
    heading = {"own": "is sent by Cronmend", "bad": "is rejected", "queued": "is delivered by a queue"}.get(
        folder.name, f"triggers {folder.function}"
    )
    lines = [
        f"\n## `{folder.name}/` {heading}\n",
        folder.about,
        "",
        _row(("file", *titles)),
        _row(["---"] * (1 + len(titles))),
    ]
    return "\n".join([*lines, *(_row((f"`{each.stem}.json`", *cells(each))) for each in folder.samples)])


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _run(sample: Sample) -> Iterator[str]:
    yield sample.shows
    yield f"`{category}`" if (category := sample.outcome.get("category")) else "–"
    yield _ACTIONS[sample.outcome["action"]]
    yield _sent(sample)


def _deploy(sample: Sample) -> Iterator[str]:
    yield sample.shows
    kept = (each.split(" ") for each in sample.outcome["deploys"])
    yield ", ".join(f"`{signal}` {phase}" for _, signal, phase in kept) or "–"
    yield str(sample.outcome["brought_forward"])


def _due(sample: Sample) -> Iterator[str]:
    outcome = sample.outcome
    yield sample.shows
    yield "the job runs" if outcome.get("task") or outcome.get("task_arn") else _waits(outcome)
    yield _sent(sample)


def _waits(outcome: Mapping[str, Any]) -> str:
    if blockers := outcome.get("blockers"):
        return f"blocked by {', '.join(f'`{each}`' for each in blockers)}"
    incident = outcome.get("incident") or {}
    return "the re-run stays planned" if incident.get("rerun") else "nothing runs"


def _delivered(sample: Sample) -> Iterator[str]:
    yield sample.shows
    yield ", ".join(_MESSAGES[kind] for kind in sample.outcome.get("messages", ())) or "a test message"


def _clicked(sample: Sample) -> Iterator[str]:
    outcome, incident = sample.outcome, sample.outcome.get("incident", {})
    yield sample.shows
    if "statusCode" in outcome:
        yield f"{outcome['statusCode']}"
    elif outcome["button"] == "cronmend_rerun":
        yield "the job runs" if outcome["done"] else "nothing runs"
    else:
        yield "acknowledged" if incident["acknowledged_by"] else "nothing is done"


def _reconciled(sample: Sample) -> Iterator[str]:
    yield sample.shows
    yield "invokes the function that does it" if sample.outcome["woken"] else "nothing"


def _page(sample: Sample) -> Iterator[str]:
    yield sample.shows
    yield _PAGES[sample.outcome["page"]]


def _queued(sample: Sample) -> Iterator[str]:
    yield sample.shows
    yield ", ".join(f"`{each}`" for each in sample.outcome["answers"])


def _own(sample: Sample) -> Iterator[str]:
    yield sample.shows


def _bad(sample: Sample) -> Iterator[str]:
    yield sample.function
    yield sample.shows


def _sent(sample: Sample) -> str:
    return ", ".join(_MESSAGES[kind] for kind in sample.sent or ()) or "nothing"


_TABLES: Mapping[str, tuple[tuple[str, ...], Callable[[Sample], Iterator[str]]]] = {
    "task_stopped": (("what it shows", "category", "action", "people are sent"), _run),
    "deploy_state": (("what it shows", "deploy note", "re-runs brought forward"), _deploy),
    "rerun": (("what it shows", "what it does", "people are sent"), _due),
    "queued": (("what it shows", "outcome"), _queued),
    "failure_alert": (("what it shows", "people are sent"), _delivered),
    "slack_action": (("what it shows", "outcome"), _clicked),
    "reconcile": (("what it shows", "what it does"), _reconciled),
    "job_board": (("what it shows", "answer"), _page),
    "board_action": (("what it shows", "answer"), _page),
    "own": (("what it shows",), _own),
    "bad": (("triggered function", "what is wrong"), _bad),
}
"""By folder: the titles of the columns after the file, and their cells."""
