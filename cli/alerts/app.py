"""`cronmend alert …`: where alerts go, and what they look like."""

from collections.abc import Mapping
from typing import ClassVar

import typer

from cli.commands import LazyGroup


class AlertCommands(LazyGroup):
    places: ClassVar[Mapping[str, str]] = {
        "check": "cli.alerts.route_commands:check",
        "build": "cli.alerts.route_commands:build",
        "publish": "cli.publishing.app:publish_routes",
        "routes": "cli.alerts.route_commands:routes",
        "channels": "cli.alerts.channel_commands:channels",
        "canary": "cli.alerts.channel_commands:canary",
        "preview": "cli.alerts.preview:preview",
    }


alert_app = typer.Typer(
    cls=AlertCommands,
    help="Check where alerts go, preview messages, and test the channels.",
    no_args_is_help=True,
)


@alert_app.callback()
def _group() -> None:
    """Typer needs a function of the group's own."""
