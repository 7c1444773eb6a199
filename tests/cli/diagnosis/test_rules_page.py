from cli.diagnosis import rules_page
from cronmend.diagnosis.rule_files import load


def test_every_shipped_rule_is_a_row_below_its_file() -> None:
    page = rules_page.text()
    assert [
        row.id for row in load().rows if f"| `{row.id}` | {row.where.value} | `{row.category.value}` |" not in page
    ] == []
    assert page.count("\n## ") == len({row.file for row in load().rows})
