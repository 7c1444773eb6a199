"""``python -m cli.releasing.modules``: what the Terraform module and the CDK construct have from template.yaml."""

from pathlib import Path
from typing import Final

import typer

from cli.releasing import cdk, terraform
from cli.releasing.offered import read
from cli.toml_files.commands import OnlyCheck, write_generated

TEMPLATE: Final = Path("template.yaml")
PLACE: Final = Path("modules")


def files() -> dict[Path, str]:
    """Path → content."""
    offered = read(TEMPLATE)
    return {
        PLACE / "terraform/parameters.tf": terraform.parameters(offered),
        PLACE / "terraform/outputs.tf": terraform.outputs(offered),
        PLACE / "cdk/cronmend_cdk/parameters.py": cdk.parameters(offered),
        PLACE / "cdk/cronmend_cdk/limits.json": cdk.limits(offered),
    }


def write(only_check: OnlyCheck = False) -> None:
    """Write them if they are stale, or with --check only compare."""
    command = "python -m cli.releasing.modules"
    write_generated(files(), Path(), file=TEMPLATE, command=command, only_check=only_check)


if __name__ == "__main__":
    typer.run(write)
