"""The part of a crontab's line after the time: whether it starts with a user, its arguments, and a name for the job."""

import re
import shlex
from collections.abc import Sequence

_SHELL = re.compile(r"&&|\|\|?|[<>;`*?~]|\$|(?:^|\s)#|^\(")
_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
_USER = re.compile(r"[a-z_][a-z0-9_.-]{0,31}\$?", re.ASCII)
_USUAL_USERS = "root www-data nobody daemon ubuntu admin ec2-user postgres mysql nginx apache deploy"
_PROGRAMS = """
ansible aws bash bundle bundler cat cd certbot chmod chown composer cp curl date dash docker drush echo env exec
export false find flock for git go gosu grep gzip if ionice java kill ln logrotate ls make mkdir mv mysqldump nice
node npm npx nohup perl pg_dump php pip pipenv pnpm poetry psql python python3 rails rake rclone restic rm rsync ruby
sed service sh sleep source ssh stdbuf su sudo systemctl tar tee test time timeout touch true umask uv wget wp xargs
yarn zsh
"""
_USERS, _STARTS = frozenset(_USUAL_USERS.split()), frozenset(_PROGRAMS.split())


def names_users(commands: Sequence[str]) -> bool:
    """Whether each line's command starts with a user's name, as far as its shape shows."""
    return bool(commands) and all(map(_starts_with_user, commands))


def _starts_with_user(command: str) -> bool:
    first, second = ([*command.split(None, 2), "", ""])[:2]
    if not second or not _USER.fullmatch(first) or first in _STARTS:
        return False
    return first in _USERS or second in _STARTS or second.startswith(("/", "[", "~"))


def arguments(command: str) -> tuple[dict[str, str], list[str]]:
    """The variables that the command sets for itself, and its words; a command that needs a shell gets one."""
    if _SHELL.search(command):
        return {}, ["sh", "-c", command]
    try:
        words = shlex.split(command)
    except ValueError:
        return {}, ["sh", "-c", command]
    variables: dict[str, str] = {}
    while words and (match := _ASSIGNED.fullmatch(words[0])):
        variables[match["name"]] = match["value"]
        del words[0]
    return (variables, words) if words else ({}, ["sh", "-c", command])


def job_name(command: str, names: set[str]) -> str:
    """A name from the words that distinguish commands, not the interpreter, options or paths; it joins ``names``."""
    words = [word.rpartition("/")[2] for word in re.split(r"[\s;|&<>]+", command) if word and not word.startswith("-")]
    plain = [
        word for word in words if not re.fullmatch(r"(ba)?sh|cd|python[\d.]*|manage\.py|exec|env|\w+=.*|null|1|2", word)
    ]
    base = re.sub(r"[^a-z0-9]+", "-", " ".join(plain[:2] or words[:1]).lower()).strip("-")[:50] or "job"
    name, number = base, 2
    while name in names:
        name, number = f"{base}-{number}", number + 1
    names.add(name)
    return name
