"""`cronmend alert …`: where alerts go, and what they look like."""

import typer

from cli.alerts import canary, commands
from cli.alerts.preview import preview

app = typer.Typer(name="alert", help=__doc__, no_args_is_help=True)
app.command("check")(commands.check)
app.command("build")(commands.build)
app.command("routes")(commands.routes)
app.command("channels")(canary.channels)
app.command("canary")(canary.canary)
app.command("preview")(preview)
