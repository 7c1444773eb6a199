"""``cronmend demo``: play the main cases live, for people to watch or with the result as one JSON document."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import console, json_text, write
from cli.demo.all_acts import AllActs
from cli.demo.narrator import Narrator
from cli.demo.stage import DemoFailed, Stage, deployed
from cronmend.model.report import MessageKind
from local.account import STATE, LocalAccount
from local.emulator import EmulatorFailed
from local.sam import SamFailed

ALERTS = (MessageKind.ALERT.value, MessageKind.HALF_DONE.value, MessageKind.GAVE_UP.value)


def demo(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on stdout, and the narration on stderr.")
    ] = False,
) -> None:
    """Play the main cases live, on AWS emulated on this machine. Takes about a minute and a half."""
    narrator = Narrator(console(stderr=as_json))
    narrator.opening()
    STATE.mkdir(exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="demo-", dir=STATE))
    document: dict[str, Any] = {"ok": True}
    try:
        document = _play(state, narrator)
    except (EmulatorFailed, SamFailed, DemoFailed) as error:
        document = {"runs": [], "incidents": [], "messages": [], "ok": False}
        narrator.failed(str(error), state)
    finally:
        if document["ok"]:
            shutil.rmtree(state, ignore_errors=True)
    narrator.summary(document["ok"])
    narrator.next_steps()
    if as_json:
        write(f"{json_text(document)}\n")
    raise typer.Exit(0 if document["ok"] else 1)


def _play(state: Path, narrator: Narrator) -> dict[str, Any]:
    with ExitStack() as stack:
        with narrator.step("Start AWS on this machine"):
            account = stack.enter_context(LocalAccount(state / "account"))
        step = "Deploy Cronmend (sam build, sam deploy), and migrate the site's database"
        with narrator.step(step) as progress, ThreadPoolExecutor(1) as pool:
            migrated = pool.submit(account.site.manage, 1, "migrate", "--no-input")
            stage = deployed(account, progress)
            if (done := migrated.result()).code:
                raise DemoFailed(f"The first migration of the site failed:\n{done.output}")
        ok = True
        try:
            AllActs(stage, narrator).play()
        except DemoFailed as error:
            ok = False
            narrator.failed(f"{error}\n\n{stage.seen()}", state)
        return {**_document(stage), "ok": ok}


def _document(stage: Stage) -> dict[str, Any]:
    runs = stage.runs()
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
            for run in runs
        ],
        "incidents": [
            {
                "job": each.job,
                "state": each.state.value,
                "runs": sum(run.incident == each.id for run in runs),
                "alerts": sum(change.startswith(ALERTS) for change in each.notified),
            }
            for each in stage.incidents()
        ],
        "messages": [
            {"channel": each.channel, "kind": each.kind, "job": each.job, "text": each.text} for each in stage.arrived()
        ],
    }
