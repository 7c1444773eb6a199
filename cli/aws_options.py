"""The options that every command has that calls AWS; importing them imports no client."""

from typing import Annotated

import typer

StackName = Annotated[str, typer.Option("--stack-name", help="Name of the deployed stack.")]
Profile = Annotated[str | None, typer.Option("--profile", help="Profile of the AWS configuration.")]
Region = Annotated[str | None, typer.Option("--region", help="Region of the stack.")]
