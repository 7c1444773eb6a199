"""What the commands on TOML files share: naming the file, printing errors, writing the generated files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError

from cli.aws_errors import in_words
from cli.console import as_sentence, err, fail
from cli.toml_files.findings import count, print_findings
from cli.toml_files.source import BadFile
from cronmend.errors import CronmendError

TOML = ".toml"
FileOption = Annotated[
    Path | None, typer.Option("--file", "-f", metavar="FILE", help="The same as the argument FILE.", show_default=False)
]
Root = Annotated[Path, typer.Option(help="The project's directory.")]
OnlyCheck = Annotated[bool, typer.Option("--check", help="Write nothing. Exits with 1 if a generated file is stale.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def file_argument(default: Path) -> Any:
    """The argument that :data:`FileOption` is the other form of; :func:`chosen_file` takes both."""
    return typer.Argument(metavar="FILE", help=f"The file to read. Default: {default}.", show_default=False)


def chosen_file(argument: Path | None, option: Path | None, default: Path) -> Path:
    """The file that a command reads.

    Raises:
        BadParameter: both forms are given.
    """
    if argument is not None and option is not None:
        given = f"as the argument '{argument}' and as --file '{option}'"
        raise typer.BadParameter(f"The file is given twice: {given}. Use one of the two.")
    return argument or option or default


def names_and_file(words: list[str], option: Path | None, default: Path) -> tuple[list[str], Path]:
    """Names of jobs, and a file among them: the word that ends in ``.toml``.

    Raises:
        BadParameter: more than one file is given.
    """
    files = [Path(word) for word in words if word.endswith(TOML)]
    if len(files) > 1:
        raise typer.BadParameter(f"More than one file is given: {', '.join(map(str, files))}. Use one.")
    names = [word for word in words if not word.endswith(TOML)]
    return names, chosen_file(files[0] if files else None, option, default)


@contextmanager
def reported_errors() -> Iterator[None]:
    """Print an error that a person can fix as a sentence, and exit with 1."""
    try:
        yield
    except BadFile as error:
        print_findings(error.findings)
        raise typer.Exit(1) from error
    except BotoCoreError as error:
        raise fail(in_words(error)) from error
    except CronmendError as error:
        raise fail(as_sentence(str(error))) from error


def write_generated(expected: Mapping[Path, str], root: Path, *, file: Path, command: str, only_check: bool) -> None:
    """Write the stale ones of the generated files, or with ``only_check`` report them and exit with 1.

    Args:
        expected: path below ``root`` → content.
        command: what writes them, for the message.
    """
    stale = [path for path, text in expected.items() if not _is_current(root / path, text)]
    for path in stale:
        err.print(f"{'stale' if only_check else 'written'}: {path}")
        if not only_check:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(expected[path], encoding="utf-8")
    if only_check and stale:
        raise fail(f"{count(len(stale), 'generated file')} out of date. Run `{command}` and commit the result.")
    err.print(f"{count(len(expected), 'generated file')} up to date with {file}.")


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
