"""Which commands migrate a database."""

import pytest

from cronmend.deploys.migrations import KNOWN, is_migration


@pytest.mark.parametrize("phrase", KNOWN)
def test_known_migration_commands_are_recognized(phrase: str) -> None:
    assert is_migration(phrase.split())


@pytest.mark.parametrize(
    "command",
    [
        ("python", "manage.py", "migrate", "--no-input"),
        ("python", "/app/manage.py", "--settings", "config.prod", "migrate"),
        ("sh", "-c", "python manage.py migrate && python manage.py collectstatic"),
        ("sh", "-c", "cd /app; exec ./manage.py migrate"),
        ("alembic", "-c", "alembic.ini", "upgrade", "head"),
        ("bundle", "exec", "rails", "db:migrate"),
        ("/usr/local/bin/flyway", "-url=jdbc:postgresql://db/site", "migrate"),
        ("php", "artisan", "migrate", "--force"),
    ],
)
def test_a_migration_in_any_wrapping(command: tuple[str, ...]) -> None:
    assert is_migration(command)


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("python", "manage.py", "publish_scheduled"),
        ("python", "manage.py", "showmigrations"),
        ("python", "manage.py", "migrate", "--check"),
        ("python", "manage.py", "migrate", "--plan"),
        ("rails", "db:migrate:status"),
        ("alembic", "upgrade", "head", "--sql"),
        ("python", "manage.py", "report", "migrate"),
        ("flask", "db", "current"),
    ],
)
def test_commands_that_only_look_like_migrations(command: tuple[str, ...]) -> None:
    assert not is_migration(command)


def test_the_list_can_be_extended() -> None:
    command = ("/srv/bin/upgrade-schema", "--now")
    assert not is_migration(command)
    assert is_migration(command, ["upgrade-schema"])
