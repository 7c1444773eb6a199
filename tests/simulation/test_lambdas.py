"""How often Lambda tries an invocation that was killed or that failed."""

from collections.abc import Callable

import pytest

from cronmend.errors import Permanent, Retryable
from simulation.chance import Chance
from simulation.kernel import Kernel
from simulation.lambdas import FUNCTIONS, Lambdas
from simulation.seam import Killed
from simulation.weather import Weather
from simulation.witness import Witness

DAY = 86400.0
WOKEN = [function.name for function in FUNCTIONS if function.woken]


def tries(function: str, error: BaseException) -> list[float]:
    """When the function is invoked, if each of its invocations ends with the error."""
    kernel, chance, found = Kernel(0.0, DAY), Chance(1), list[float]()
    lambdas = Lambdas(kernel, chance, Weather(chance, 0.0, DAY, frozenset()), Witness(lambda: kernel.now))

    def handle(event: object, first: float) -> None:
        found.append(kernel.now)
        raise error

    lambdas.handlers = {function: handle}
    lambdas.invoke(function, "one", {}, 0.0)
    kernel.run()
    return found


@pytest.mark.parametrize("function", WOKEN)
@pytest.mark.parametrize("error", [Killed, lambda: ValueError("unforeseen")])
def test_what_reconcile_triggers_is_tried_again_by_lambda_if_it_is_killed(
    function: str, error: Callable[[], BaseException]
) -> None:
    first, second, third = tries(function, error())
    assert 30 <= second - first <= 60
    assert 60 <= third - second <= 120


@pytest.mark.parametrize("function", WOKEN)
@pytest.mark.parametrize("error", [Retryable("throttled"), Permanent("gone")])
def test_an_error_that_cronmend_knows_ends_it(function: str, error: Exception) -> None:
    """``reconcile`` triggers it again in five minutes, and no dead letter is left."""
    assert len(tries(function, error)) == 1


@pytest.mark.parametrize(("function", "times"), [("deploy_state", 3), ("failure_alert", 3), ("reconcile", 1)])
def test_other_functions_are_tried_again_after_any_error(function: str, times: int) -> None:
    assert len(tries(function, Retryable("throttled"))) == times
