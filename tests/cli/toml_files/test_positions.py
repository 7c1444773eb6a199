import tomllib

from hypothesis import given

from cli.toml_files.positions import lines
from tests.cli.jobs.samples import dump, files

TEXT = '''# [jobs.not-this]
group = "a"   # key = 1

[jobs."with.dot"]
command = [
  "python",   # not = a key
  "[jobs.neither]",
]
description = """
[jobs.nor-this]
schedule = 1
"""
environment = { A = "1", "B" = "2" }
after.dotted = 1
[jobs.b] # comment
schedule = 'cron(0 0 * * ? *)'
'''


def test_every_key_has_its_line() -> None:
    assert lines(TEXT) == {
        ("group",): 2,
        ("jobs",): 4,
        ("jobs", "with.dot"): 4,
        ("jobs", "with.dot", "command"): 5,
        ("jobs", "with.dot", "description"): 9,
        ("jobs", "with.dot", "environment"): 13,
        ("jobs", "with.dot", "environment", "A"): 13,
        ("jobs", "with.dot", "environment", "B"): 13,
        ("jobs", "with.dot", "after"): 14,
        ("jobs", "with.dot", "after", "dotted"): 14,
        ("jobs", "b"): 15,
        ("jobs", "b", "schedule"): 16,
    }


@given(files())
def test_every_key_of_a_file_has_a_line_that_holds_it(tables: dict[str, object]) -> None:
    text = dump(tables)
    found = lines(text)
    for name, job in tomllib.loads(text)["jobs"].items():
        for key in job:
            assert text.split("\n")[found["jobs", name, key] - 1].startswith(f"{key} =")
