"""The `jobs` commands that make templates of a jobs file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import fail, write
from cli.jobs import export
from cli.jobs.built_files import built_files, group_of, surplus, up_to_date
from cli.jobs.files import DEFAULT, Environment, FileArgument, read_valid
from cli.jobs.job import jobs_of
from cli.toml_files.commands import (
    FileOption,
    OnlyCheck,
    Root,
    chosen_file,
    reported_errors,
    write_generated,
)


def build(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    root: Root = Path(),
    only_check: OnlyCheck = False,
) -> None:
    """Write the schedules' template, the policies that the functions read, and the editors' schema."""
    path = chosen_file(file, file_option, DEFAULT)
    source, now = read_valid(path, env), datetime.now(UTC)
    with reported_errors():
        expected = up_to_date(source, now, root) if only_check else built_files(source, now, root)
    left_over = surplus(expected, root)
    if only_check and left_over:
        raise fail(f"{', '.join(map(str, left_over))} has no jobs any more. Run `cronmend jobs build`.")
    for each in left_over:
        (root / each).unlink()
    write_generated(expected, root, file=path, command="cronmend jobs build", only_check=only_check)


def export_jobs(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    terraform: Annotated[bool, typer.Option("--terraform", help="Print Terraform JSON (.tf.json).")] = False,
    hcl: Annotated[bool, typer.Option("--hcl", help="Print Terraform in its own language (.tf).")] = False,
) -> None:
    """Print the schedules, roles, queue and alarm for Terraform."""
    if terraform == hcl:
        raise fail("Choose one format: --terraform or --hcl. For CloudFormation, run `cronmend jobs build`.", 2)
    source = read_valid(chosen_file(file, file_option, DEFAULT), env)
    printed = export.terraform_hcl if hcl else export.terraform_json
    write(printed(jobs_of(source.tables), group_of(source)))
