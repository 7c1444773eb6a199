"""``cronmend local``: AWS on this machine, kept running for experiments."""

from typing import Annotated

import typer
from rich.console import Console

from local import detached

app = typer.Typer(no_args_is_help=True, help="AWS on this machine, with Cronmend deployed into it.")
