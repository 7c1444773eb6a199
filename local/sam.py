"""``sam build`` and ``sam deploy`` of the real template into the emulated account."""

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from local.aws import Clients, Endpoints, search_path
from local.patience import PATIENCE
from local.processes import GuardedProcess

BUCKET = "cronmend-local-artifacts"
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
LAST_LINES = 15

type Progress = Callable[[str], None]


class SamFailed(RuntimeError):
    """SAM exited with an error; the message has its last output."""


@dataclass(frozen=True, slots=True)
class Sam:
    """SAM for one template, with the emulated account's credentials and none of the user's.

    Args:
        work: directory for the build.
        progress: gets each line that SAM prints.
    """

    endpoints: Endpoints
    template: Path
    work: Path
    progress: Progress = lambda _: None

    def build(self) -> Path:
        """The built template.

        The emulator runs functions with this machine's Python and its libraries, so none are packed: those that
        ``sam build`` would download are for Lambda's Linux.
        """
        self.work.mkdir(parents=True, exist_ok=True)
        nothing = self.work / "no-requirements.txt"
        nothing.write_text("")
        target = self.work / "local"
        self._run(
            "build", "--template-file", str(self.template), "--build-dir", str(target), "--manifest", str(nothing)
        )
        return target / "template.yaml"

    def deploy(self, built: Path, stack: str, parameters: Mapping[str, str]) -> None:
        make_bucket(Clients(self.endpoints))
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        self._run(
            *("deploy", "--template-file", str(built), "--stack-name", stack, "--s3-bucket", BUCKET),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
            *("--capabilities", *CAPABILITIES),
            *(("--parameter-overrides", *overrides) if overrides else ()),
        )

    def _run(self, *arguments: str) -> None:
        # A separate configuration, because samconfig.toml is for real accounts.
        self.work.mkdir(parents=True, exist_ok=True)
        configuration = self.work / "local-samconfig.toml"
        configuration.write_text("version = 0.1\n")
        command = [_sam(), *arguments, "--config-file", str(configuration)]
        last: deque[str] = deque(maxlen=LAST_LINES)
        process = GuardedProcess(command, environment=self._environment(), directory=self.template.parent)
        limit = threading.Timer(PATIENCE, process.terminate)
        # An interruption can arrive before the timer can be canceled, and must not wait for it.
        limit.daemon = True
        try:
            limit.start()
            for line in process.output or ():
                if text := line.decode(errors="replace").rstrip():
                    last.append(text)
                    self.progress(text)
            code = process.wait(PATIENCE)
        finally:
            limit.cancel()
            process.stop()
        if code:
            raise SamFailed("\n".join([f"`sam {arguments[0]}` exited with {code}:", *last]))

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": search_path(),
            "HOME": os.environ.get("HOME", str(self.work)),
            "LANG": "C.UTF-8",
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "1",
            **self.endpoints.environment(),
            # None of the user's profiles is used.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


def _sam() -> str:
    program = Path(sys.executable).with_name("sam")
    if not program.exists():
        raise SamFailed(f"No program '{program}'. Run `make setup`.")
    return str(program)


def make_bucket(clients: Clients) -> None:
    try:
        clients.of("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": clients.of("s3").meta.region_name}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
