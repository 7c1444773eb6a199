"""A release is installed, upgraded and removed in the emulated account, with items of the first form in the ledger.

The emulator deletes the ledger with its stack, because it knows no policy of deletion. tests/test_template.py holds it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cli.installing import release, remove
from cli.main import app
from cli.releasing.files import app as releasing
from cronmend.adapters.ledger.stored_form import FORM
from local.account import LocalAccount
from local.aws import CLUSTER
from tests import ROOT
from tests.adapters.ledger.stored import raw

pytestmark = pytest.mark.emulator
HELD = {"kind": "release", "job": "cronmend-jobs/publish-scheduled"}
"""The timer that sends the held alert of an incident."""
KINDS = ("book", "run", "attempt", "deploy", "mute")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, f"{words}: {done.output} {done.exception}"
    return done.stdout


def packed(place: Path) -> Path:
    """A release without libraries: the emulator runs functions with those of this machine."""
    place.mkdir()
    for words in (("archive", ROOT / "functions", "arm64", place), ("template", ROOT, place)):
        assert CliRunner().invoke(releasing, list(map(str, words))).exit_code == 0
    return place


def next_release(place: Path, version: str) -> None:
    template = place / "template.yaml"
    text = template.read_text(encoding="utf-8")
    assert text.count("Value: 0.1.0\n") == 1
    template.write_text(text.replace("Value: 0.1.0\n", f"Value: {version}\n"), encoding="utf-8")


def stack(account: LocalAccount) -> Any:
    return account.clients.cloudformation.describe_stacks(StackName="cronmend")["Stacks"][0]


def test_a_release_is_installed_upgraded_with_what_an_older_one_stored_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = packed(tmp_path / "release")
    monkeypatch.setattr(release, "PLACE", place)
    with LocalAccount(tmp_path / "account") as account:
        for name, value in account.endpoints.environment().items():
            monkeypatch.setenv(name, value)
        run("deploy", "--cluster", CLUSTER, "--alerts", "", "--parameter", "Mode=shadow", "--yes")
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack(account)["Outputs"]}
        assert outputs["Version"] == "0.1.0"
        client, table = account.clients.dynamodb, outputs["LedgerTable"]
        stored = [item for kind in KINDS for item in raw(kind)]
        for item in stored:
            client.put_item(TableName=table, Item=item)

        next_release(place, "0.2.0")
        monkeypatch.setattr(release, "version", lambda _: "0.2.0")
        assert "RerunFunction" in run("upgrade", "--dry-run")
        run("upgrade", "--yes")
        assert {each["ParameterKey"]: each["ParameterValue"] for each in stack(account)["Parameters"]}[
            "Mode"
        ] == "shadow"

        timer = next(each["input"] for each in raw("timers") if each["input"] | HELD == each["input"])
        function = outputs["RerunFunctionName"]
        answer = account.clients.functions.invoke(FunctionName=function, Payload=json.dumps(timer).encode())
        assert "FunctionError" not in answer, answer["Payload"].read()
        now = {(each["pk"]["S"], each["sk"]["S"]): each for each in client.scan(TableName=table)["Items"]}
        assert {(each["pk"]["S"], each["sk"]["S"]) for each in stored} <= now.keys()
        state = now["JOB#cronmend-jobs/publish-scheduled", "BOOK"]
        assert state["form"]["N"] == str(FORM)
        assert state["book"]["M"]["incident"]["M"]["state"]["S"] == "alerted"
        assert [each["job"] for each in json.loads(run("incidents", "--json"))] == ["cronmend-jobs/publish-scheduled"]

        monkeypatch.setattr(remove, "SECONDS", 0)
        run("remove", "--yes")
        with pytest.raises(ClientError, match="does not exist"):
            stack(account)
