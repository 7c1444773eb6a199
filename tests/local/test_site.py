"""The example site's commands really fail, in the ways that the demo needs."""

import os
import subprocess
import sys

import pytest

from local import site_runner
from local.aws import search_path
from local.images import SITE
from local.site_runner import SiteRunner


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SiteRunner:
    directory = tmp_path_factory.mktemp("site")
    url = os.environ.get("DATABASE_URL", "")
    runner = SiteRunner(
        directory / "ci", {"DATABASE_URL": url} if url else {"SITE_DATABASE": str(directory / "site.sqlite3")}
    )
    assert runner.manage(1, "migrate", "-v0").code == 0
    return runner


def manage(site: SiteRunner, release: int, *arguments: str) -> str:
    done = site.manage(release, *arguments)
    assert done.code == 0, done.output
    return done.output


def publish(site: SiteRunner, release: int) -> tuple[int, str]:
    """The exit code and last line of Wagtail's own command."""
    done = site.manage(release, "publish_scheduled")
    return done.code, (done.output.splitlines() or [""])[-1]


def missing(column: str) -> tuple[int, str]:
    return 1, f"django.db.utils.OperationalError: no such column: home_eventpage.{column}"


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="asserts SQLite's messages")
def test_the_life_of_the_site(site: SiteRunner) -> None:
    manage(site, 1, "seed")
    code, line = publish(site, 1)
    assert (code, '"Market day 1"' in line) == (0, True)
    manage(site, 1, "seed")
    assert publish(site, 2) == missing("summary")
    manage(site, 2, "migrate", "-v0")
    assert publish(site, 2)[0] == 0
    manage(site, 2, "seed")
    manage(site, 2, "migrate", "-v0", "home", "0001")
    assert publish(site, 2) == missing("summary")
    manage(site, 2, "migrate", "-v0")
    assert publish(site, 2)[0] == 0
    manage(site, 2, "seed")
    failed = site.manage(3, "migrate", "-v0")
    assert failed.code == 1
    assert "django.db.utils.IntegrityError: UNIQUE constraint failed" in failed.output
    assert publish(site, 3) == missing("ticket_code")
    report = site.manage(2, "send_report")
    assert report.code == 1
    lines = report.output.splitlines()
    assert "KeyError: 'harbour'" in lines
    assert lines.index("KeyError: 'harbour'") < len(lines) - 3


@pytest.mark.parametrize(
    ("url", "name", "host"),
    [
        ("postgresql://wagtail:p%40ss@db:5433/site", "site", "db"),
        ("postgres:///site", "site", ""),
        ("sqlite:////tmp/x.sqlite3", "/tmp/x.sqlite3", None),  # noqa: S108 - never opened
    ],
)
def test_database_urls(url: str, name: str, host: str | None) -> None:
    code = "import json, sys; from config.database import parse; print(json.dumps(parse(sys.argv[1])))"
    done = _python(code, url)
    assert done.returncode == 0, done.stderr
    assert f'"NAME": "{name}"' in done.stdout
    if host is not None:
        assert f'"HOST": "{host}"' in done.stdout


def test_an_unsupported_database_is_an_error_with_its_remedy() -> None:
    done = _python("import sys; from config.database import parse; parse(sys.argv[1])", "mysql://x/y")
    assert "DATABASE_URL: mysql:// is not supported. Use postgresql:// or sqlite:///." in done.stderr


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - written above
        [sys.executable, "-c", code, *arguments],
        cwd=SITE / "base",
        env={"PATH": search_path(), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_command_that_hangs_is_stopped_and_says_so(site: SiteRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_runner, "PATIENCE", 0.0)
    done = site.manage(1, "shell", "-c", "import time; time.sleep(60)")
    assert done.code == site_runner.HUNG
    assert done.output.endswith("It was still running after 0 seconds.")
