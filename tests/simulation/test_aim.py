"""Kills aim at the first call of each kind, the rarer the likelier."""

import ast

import pytest

from simulation.aim import RARE, SHARES, share
from simulation.chance import Chance
from simulation.kernel import Kernel
from simulation.lambdas import FUNCTIONS, Lambdas
from simulation.seam import Points, Seam
from simulation.weather import KINDS, Weather
from simulation.witness import Witness
from tests import ROOT

PORTS = ROOT / "functions" / "cronmend" / "ports"
DAY = 86400.0
SEEDS = range(400)


@pytest.fixture(autouse=True)
def _every_history_aims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "aims", 1.0)


def ends(seed: int, function: str, call: str, times: int = 1, dropped: frozenset[str] = frozenset()) -> list[bool]:
    """Whether each of the function's invocations, which only makes this call, gets to its end."""
    kernel, chance = Kernel(0.0, DAY), Chance(seed, dropped)
    weather = Weather(chance, 0.0, DAY, frozenset({"aims"}))
    seam = Seam(kernel, weather, Points())
    lambdas = Lambdas(kernel, chance, weather, Witness(lambda: kernel.now))
    service, method = call.split(".")
    return [
        lambdas.once(function, f"{number}", 60.0, lambda: seam.call(service, method, lambda: None))
        for number in range(times)
    ]


def killed(function: str, call: str) -> list[int]:
    return [seed for seed in SEEDS if not all(ends(seed, function, call))]


def test_every_function_has_a_share() -> None:
    assert SHARES.keys() == {function.name for function in FUNCTIONS}
    assert RARE.keys() <= SHARES.keys()


def test_each_rare_call_is_a_method_of_a_port() -> None:
    trees = [ast.parse(path.read_text()) for path in PORTS.glob("*.py")]
    methods = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert {call.split(".")[1] for calls in RARE.values() for call in calls} <= methods


def test_a_rare_call_is_killed_in_more_histories() -> None:
    usual, rare = killed("rerun_woken", "scheduler.get"), killed("rerun_woken", "ecs.images")
    frequent = killed("failure_alert", "ledger.read")
    assert 0 < len(frequent) < len(usual) < len(rare) < len(SEEDS)
    assert share("rerun_woken", "ecs.images") > share("rerun_woken", "scheduler.get")


def test_a_point_is_killed_once_so_that_the_next_try_gets_further() -> None:
    seed, *_ = killed("rerun_woken", "ecs.images")
    assert ends(seed, "rerun_woken", "ecs.images", times=5).count(False) in {1, 2}
    assert ends(seed, "rerun_woken", "ecs.images", times=5)[2:] == [True, True, True]


def test_a_kill_that_is_left_out_is_not_made_up_for() -> None:
    sides = frozenset(f"kill/rerun_woken/ecs.images/{side}" for side in ("before", "after"))
    for seed in killed("rerun_woken", "ecs.images")[:5]:
        assert all(ends(seed, "rerun_woken", "ecs.images", times=5, dropped=sides))


def test_a_history_that_does_not_aim_kills_none_of_these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "aims", 0.0)
    monkeypatch.setitem(KINDS, "no_timers", 0.0)
    assert killed("rerun_woken", "ecs.images") == []
