"""What `cronmend init` and `cronmend deploy` say about an account, and the answers that they offer."""

import re
from collections.abc import Iterator, Mapping

from cli.deploying.account import Account

LONGEST_STACK = 50
"""The functions' names start with it, and Lambda limits those to 64 characters."""

LEAST_UNRESERVED = 147
"""What the template reserves, and the 100 that Lambda keeps for all other functions."""


def offered(name: str, found: Account) -> str:
    """The answer that Enter gives."""
    if found.stack and name in found.stack:
        return found.stack[name]
    free = [each for each in found.clusters if each not in found.taken] or found.clusters
    return free[0] if name == "Cluster" and free else ""


def reserved(found: Account) -> Mapping[str, str]:
    """A new stack in an account with too few concurrent executions can't reserve any: its deploy would fail."""
    is_new = found.stack is None and found.unreserved is not None
    return {"ReserveConcurrency": "false"} if is_new and (found.unreserved or 0) < LEAST_UNRESERVED else {}


def warnings(found: Account, clusters: str) -> Iterator[str]:
    """What is doubtful about the chosen clusters, separated by commas."""
    for cluster in clusters.split(","):
        if found.clusters and cluster not in found.clusters:
            yield f"{found.region} has no cluster '{cluster}' (it has {', '.join(found.clusters)})."
        if cluster in found.taken:
            yield f"the stack '{found.taken[cluster]}' also watches {cluster}. Both would re-run a failed job."


def problem_of_stack(value: str) -> str:
    fits = re.fullmatch(rf"[a-zA-Z][a-zA-Z0-9-]{{0,{LONGEST_STACK - 1}}}", value)
    accepted = f"up to {LONGEST_STACK} letters, digits and hyphens, and a letter first"
    return "" if fits else f"'{value}' is not a stack name for Cronmend. Use {accepted}."
