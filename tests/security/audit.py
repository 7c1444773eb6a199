"""Known vulnerabilities of the pinned packages: `python -m tests.security.audit FILE…`.

pip-audit asks the package registry alone. A mirror may have packages, but no vulnerability data: then the audit says
that it was skipped, and why. It never counts a package as safe that nobody could look up.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests import ROOT

AUDIT = ROOT / ".tools/security/bin/pip-audit"
ACCEPTED: Mapping[str, str] = {}
"""A vulnerability's ID, and why it doesn't concern Cronmend."""
_OPTIONS = ("--vulnerability-service", "pypi", "--no-deps", "--disable-pip", "--progress-spinner", "off")


@dataclass(frozen=True, slots=True)
class Audit:
    vulnerable: Sequence[str]
    """A sentence each."""
    skipped: Mapping[str, str]
    """Packages that couldn't be looked up, with the reason."""
    audited: int


def read(document: Mapping[str, Any]) -> Audit:
    """pip-audit's JSON: https://github.com/pypa/pip-audit#usage."""
    packages = document["dependencies"]
    known = [each for each in packages if "skip_reason" not in each]
    vulnerable = [
        f"{each['name']} {each['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'no version'}"
        for each in known
        for found in each["vulns"]
        if not {found["id"], *found.get("aliases", ())} & ACCEPTED.keys()
    ]
    skipped = {each["name"]: each["skip_reason"] for each in packages if "skip_reason" in each}
    return Audit(vulnerable, skipped, len(known))


def sentences(file: str, audit: Audit) -> list[str]:
    """What the audit of a file says."""
    reason = next(iter(audit.skipped.values()), "it names no packages")
    if not audit.audited:
        return [f"SKIPPED: the audit of {file}. The registry has no data on vulnerabilities of its packages: {reason}"]
    left = f" Not audited: {', '.join(audit.skipped)} ({reason})." if audit.skipped else ""
    verdict = f"{len(audit.vulnerable)} vulnerabilities" if audit.vulnerable else "no known vulnerability"
    return [f"{file}: {verdict} in {audit.audited} packages.{left}", *audit.vulnerable]


def audited(file: str) -> Audit | str:
    """The audit of a requirements file, or why there is none."""
    done = subprocess.run(  # noqa: S603 # the pinned tool
        [AUDIT, "-r", file, *_OPTIONS, "-f", "json"], capture_output=True, text=True, timeout=600, check=False
    )
    try:
        return read(json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip() or "it wrote no report").splitlines()[-1]
        return f"SKIPPED: the audit of {file}. pip-audit failed, maybe because the registry didn't answer: {last}"


def main(files: Sequence[str]) -> int:
    found = False
    for file in files:
        audit = audited(file)
        said = [audit] if isinstance(audit, str) else sentences(file, audit)
        found = found or (isinstance(audit, Audit) and bool(audit.vulnerable))
        sys.stdout.write("\n".join(said) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
