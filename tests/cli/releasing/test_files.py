"""What `make release` makes itself."""

import hashlib
import re
import tomllib
import zipfile
from pathlib import Path

from typer.testing import CliRunner

from cli.releasing.files import app
from tests import ROOT


def run(*words: str | Path) -> None:
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output


def test_the_same_content_gives_the_same_archive_whose_files_everyone_can_read(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "rerun").mkdir(parents=True)
        (tmp_path / name / "rerun/app.py").write_text("handler = None\n", encoding="utf-8")
        (tmp_path / name / "out").mkdir()
    (tmp_path / "two/rerun/app.py").chmod(0o600)
    for name in ("one", "two"):
        run("archive", tmp_path / name / "rerun", "arm64", tmp_path / name / "out")
    first, second = ((tmp_path / name / "out/functions-arm64.zip") for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
    (entry,) = zipfile.ZipFile(first).infolist()
    assert (entry.filename, entry.external_attr >> 16) == ("app.py", 0o644)


def test_the_terraform_module_contains_what_it_deploys(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release/template.yaml").write_text("Resources: {}\n", encoding="utf-8")
    run("terraform", ROOT / "modules/terraform", tmp_path / "release", tmp_path / "module.zip")
    packed = set(zipfile.ZipFile(tmp_path / "module.zip").namelist())
    assert {"main.tf", "variables.tf", "parameters.tf", "outputs.tf", "versions.tf", "release/template.yaml"} <= packed


def test_the_template_is_the_one_that_a_deploy_reads(tmp_path: Path) -> None:
    run("template", ROOT, tmp_path)
    assert "ArtifactBucket" in (tmp_path / "template.yaml").read_text(encoding="utf-8")


def test_the_checksums_are_in_the_form_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"wheel")
    run("checksums", tmp_path)
    run("checksums", tmp_path)
    expected = f"{hashlib.sha256(b'wheel').hexdigest()}  a.whl\n"
    assert (tmp_path / "SHA256SUMS").read_text(encoding="utf-8") == expected


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0].split()[0] == version("pyproject.toml")


def test_the_construct_has_the_version_of_the_project() -> None:
    assert version("modules/cdk/pyproject.toml") == version("pyproject.toml")


def version(path: str) -> str:
    return str(tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]["version"])
