"""``cronmend jobs publish`` and ``cronmend alert publish``."""

from cli.alerts import alerts_file
from cli.alerts.built_files import routes_of
from cli.alerts.route_commands import Environment as AlertsEnvironment
from cli.alerts.route_commands import FileArgument as AlertsFile
from cli.alerts.route_commands import read_valid as read_valid_routes
from cli.jobs.built_files import policies_text
from cli.jobs.files import DEFAULT, Environment, FileArgument, read_valid
from cli.jobs.job import jobs_of
from cli.on_call.options import STACK, By, Profile, Region, StackName, reported
from cli.on_call.stack import Stack
from cli.publishing.publish import DryRun, publish
from cli.toml_files.commands import FileOption, chosen_file
from cronmend.adapters.ledger.published import File
from cronmend.alerting.routes import DEFAULT as DEFAULT_ROUTE
from cronmend.alerting.routes import Route, Routes
from cronmend.alerting.routes import write as written_routes
from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy, Policies


def publish_jobs(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    dry_run: DryRun = False,
    by: By = "",
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Publish the policies of the file to a deployed stack, without a deploy. The schedules stay as they are.

    The stack's parameter PolicySource must be `published`.
    """
    source = read_valid(chosen_file(file, file_option, DEFAULT), env)
    stack, text = Stack(stack_name, profile, region), policies_text(jobs_of(source.tables))
    bare = policies.write(Policies({"": JobPolicy()}))
    reported(lambda: publish(stack, File.JOBS, text, bare, by, dry_run=dry_run))


def publish_routes(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    file: AlertsFile = None,
    file_option: FileOption = None,
    env: AlertsEnvironment = "",
    dry_run: DryRun = False,
    by: By = "",
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Publish the routes of the file to a deployed stack, without a deploy.

    The stack's parameter PolicySource must be `published`.
    """
    alerts = read_valid_routes(chosen_file(file, file_option, alerts_file.DEFAULT), env)[0]
    stack, text = Stack(stack_name, profile, region), written_routes(routes_of(alerts))
    bare = written_routes(Routes({DEFAULT_ROUTE: Route(DEFAULT_ROUTE)}))
    reported(lambda: publish(stack, File.ALERTS, text, bare, by, dry_run=dry_run))
