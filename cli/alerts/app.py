"""`cronmend alert …`: where alerts go, and what they look like."""

import typer

from cli.alerts import channel_commands, route_commands
from cli.alerts.preview import preview

alert_app = typer.Typer(
    name="alert", help="Check where alerts go, preview messages, and test the channels.", no_args_is_help=True
)
alert_app.command("check")(route_commands.check)
alert_app.command("build")(route_commands.build)
alert_app.command("publish")(route_commands.publish_routes)
alert_app.command("routes")(route_commands.routes)
alert_app.command("channels")(channel_commands.channels)
alert_app.command("canary")(channel_commands.canary)
alert_app.command("preview")(preview)
