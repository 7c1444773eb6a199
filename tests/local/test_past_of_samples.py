"""What the samples need of the stack, whatever else the account is deployed with."""

from local.past_of_samples import stack_parameters
from local.samples import PARAMETERS


def test_the_person_of_the_samples_may_click_beside_the_person_at_the_page() -> None:
    assert stack_parameters({"SlackAllowed": "U0LOCALYOU"})["SlackAllowed"] == "U012AB3CD,U0LOCALYOU"


def test_a_person_is_allowed_once() -> None:
    assert stack_parameters({})["SlackAllowed"] == PARAMETERS["SlackAllowed"] == "U012AB3CD"
    assert stack_parameters(PARAMETERS)["SlackAllowed"] == "U012AB3CD"


def test_what_the_account_is_given_goes_before_what_the_samples_want() -> None:
    assert stack_parameters({"DefaultRerunPolicy": "never"})["DefaultRerunPolicy"] == "never"
