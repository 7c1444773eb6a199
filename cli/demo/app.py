"""``cronmend demo``: plays the story, for people or as one JSON document."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.demo.narrator import Narrator
from cli.demo.stage import Stage, StoryWentOtherwise, deployed
from cli.demo.story import Story
from cronmend.records import MessageKind
from local.account import STATE, LocalAccount

ALERTS = (MessageKind.ALERT.value, MessageKind.HALF_DONE.value)


def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on stdout, the story on stderr.")
    ] = False,
) -> None:
    """Play the main job, live: a scheduled job dies in a deploy, is diagnosed, run again and healed."""
    console = Console(stderr=as_json, highlight=False)
    narrator = Narrator(console)
    narrator.opening()
    STATE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=STATE) as state:
        document = _played(Path(state), narrator, console)
    narrator.summary(document["ok"])
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    raise typer.Exit(0 if document["ok"] else 1)


def _played(state: Path, narrator: Narrator, console: Console) -> dict[str, Any]:
    with narrator.step("AWS starts on this machine"):
        account = LocalAccount(state / "account")
        account.__enter__()
    try:
        with narrator.step("sam build and sam deploy of template.yaml"):
            stage = deployed(account, lambda line: None)
        ok = _told(Story(stage, narrator), narrator)
        return {**_seen(stage), "ok": ok}
    finally:
        account.__exit__(None, None, None)


def _told(story: Story, narrator: Narrator) -> bool:
    try:
        story.play()
    except StoryWentOtherwise as error:
        narrator.failed(str(error))
        return False
    return True


def _seen(stage: Stage) -> dict[str, Any]:
    return {
        "runs": [
            {
                "job": run.job,
                "task_id": run.task_id,
                "attempt": run.attempt,
                "category": run.category.value,
                "rule": run.rule,
                "action": run.action,
                "deploy_signal": run.window.signal.value,
            }
            for run in stage.runs()
        ],
        "incidents": [
            {
                "job": each.job,
                "state": each.state.value,
                "runs": each.runs + each.reruns,
                "alerts": sum(told.startswith(ALERTS) for told in each.told),
            }
            for each in stage.incidents()
        ],
        "messages": [
            {"channel": each.channel, "kind": each.kind, "job": each.job, "text": each.text} for each in stage.arrived()
        ],
    }
