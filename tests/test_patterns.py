"""RE2's matches, with places in characters."""

import pytest

from cronmend.patterns import Pattern


@pytest.mark.parametrize("text", ["job 47: late", "jób 47: late", "jób 47: spät"], ids=["ASCII", "name", "all"])
def test_a_match_has_its_groups_and_places_in_characters(text: str) -> None:
    match = Pattern(r"(?P<number>\d+)(?P<unit>h)?: (\w\S+)").search(text)
    assert (match[0], match["number"], match[3]) == (text[4:], "47", text[8:])
    assert match["unit"] is None
    assert match.groups() == ("47", None, text[8:])
    assert match.groupdict() == {"number": "47", "unit": None}
    assert (match.span(), match.start()) == ((4, 12), 4)


def test_nothing_is_found() -> None:
    assert Pattern("late").search("on time") is None
