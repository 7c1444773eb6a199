"""The schemas of ``--json`` are there, valid, and those of today."""

import json
from copy import replace
from datetime import datetime
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it ships no types
from msgspec import Struct
from msgspec.structs import fields
from typer.testing import CliRunner

from cli.json_schemas import pages, stored
from cli.json_schemas.commands import SCHEMAS, document
from cli.main import app
from cli.on_call import documents
from cronmend.adapters.ledger.items import to_item
from cronmend.deploys.following import Following
from cronmend.deploys.holds import Hold
from cronmend.model.findings import Finding, FindingKind, KnownFinding
from cronmend.model.incident import Incident, RunRecord
from cronmend.model.mutes import Mute
from tests import ROOT
from tests.cli.schemas import closed, problems
from tests.cli.test_options import OPTIONS
from tests.fakes import NOW


def test_every_command_that_prints_a_document_has_a_schema() -> None:
    assert set(SCHEMAS) == {name for name, options in OPTIONS.items() if "--json" in options}


@pytest.mark.parametrize("command", SCHEMAS)
def test_a_schema_is_valid(command: str) -> None:
    Draft202012Validator.check_schema(document(command))


def test_the_files_are_those_of_today() -> None:
    """To write them again: ``python -m cli.json_schemas.pages``."""
    expected = pages.texts((ROOT / pages.LIST).read_text(encoding="utf-8"))
    assert {path: (ROOT / path).read_text(encoding="utf-8") for path in expected} == dict(expected)
    others = {path.name for path in (ROOT / pages.PLACE).iterdir()} - {path.name for path in expected}
    assert others == {"incident-change-1.json"}  # of the events that Cronmend publishes


def test_the_command_prints_the_schema_of_another() -> None:
    result = CliRunner().invoke(app, ["schema", "jobs", "check"])
    assert json.loads(result.output) == document("jobs check")
    assert CliRunner().invoke(app, ["schema", "nothing"]).exit_code == 2


FOUND = Finding("jobs/nightly", FindingKind.DISABLED, "it is disabled", "Enable it.", since=NOW, before=NOW)


@pytest.mark.parametrize("known", [KnownFinding(FOUND, NOW), KnownFinding(replace(FOUND, since=None), NOW, NOW)])
def test_a_finding_fits_its_schema(known: KnownFinding) -> None:
    assert list(problems("findings", json.dumps([documents.of_finding(known)]))) == []


def test_a_simulation_fits_its_schema() -> None:
    printed = CliRunner().invoke(app, ["simulate", "--histories", "1", "--seed", "1", "--json"]).stdout
    assert list(problems("simulate", printed)) == []


def filled(hint: Any) -> Any:
    """A value with every field, but for errors that have causes: those have no end."""
    if hint in PLAIN:
        return PLAIN[hint]
    if members := get_args(hint):
        return (filled(members[0]),) if get_origin(hint) is tuple else filled(members[0])
    if issubclass(hint, Enum):
        return [*hint][-1]
    hints = get_type_hints(hint)
    names = [each.name for each in fields(hint) if each.name != "causes"]
    return hint(**{name: filled(hints[name]) for name in names})


PLAIN = {str: "text", int: 2, bool: True, datetime: NOW}
STORED = {"mutes": Mute, "hold list": Hold, "follow": Following, "history": RunRecord}


@pytest.mark.parametrize("command", STORED)
def test_a_stored_row_with_every_field_fits_its_schema(command: str) -> None:
    assert list(problems(command, json.dumps([to_item(filled(STORED[command]))]))) == []


@pytest.mark.parametrize("changes", [{}, {"failed": None}])
def test_an_incident_with_every_field_fits_its_schema(changes: dict[str, Any]) -> None:
    whole = filled(Incident)
    incident = replace(whole, diagnosis=replace(whole.diagnosis, fatal_error=None), **changes)
    assert list(problems("incidents", json.dumps([documents.of_incident(incident)]))) == []


class Parcel(Struct, frozen=True):
    to: str
    """Whose it is; ``""`` if no one's."""
    weight: int
    sent_at: datetime | None = None
    """None until it is sent."""
    stops: tuple[str, ...] = ()


@pytest.mark.parametrize("parcel", [Parcel("", 2), Parcel("ann", 1, NOW, ("Ulm",))])
def test_the_schema_of_a_struct_fits_its_items(parcel: Parcel) -> None:
    Draft202012Validator(closed(stored.item(Parcel))).validate(to_item(parcel))


def test_a_field_is_described_by_its_docstring() -> None:
    found: Any = stored.item(Parcel)
    assert found["required"] == ["weight"]
    assert found["properties"]["to"]["description"] == "Whose it is; left out if no one's."
    assert found["properties"]["sent_at"]["description"] == "Left out until it is sent."


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ({"mode": "heal", "circuit_open_until": None}, ""),
        ({"mode": "heal", "circuit_open_until": None, "new": 1}, "new"),
        ({"mode": "heal"}, "circuit_open_until"),
        ({"mode": "sleep", "circuit_open_until": None}, "sleep"),
    ],
)
def test_a_key_that_is_not_described_is_noticed(printed: dict[str, Any], wrong: str) -> None:
    found = list(problems("mode", json.dumps(printed)))
    assert bool(found) == bool(wrong)
    assert all(wrong in each for each in found)
