"""Marks are put in and taken out again, and nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import markdown

from blackstart.model import Family, Finding, Severity
from blackstart.runbook import parse_runbook
from blackstart.site.destructive import destructive
from blackstart.site.marks import Doubt, forgotten, marked

HEAD = "---\ntitle: A\n---\n"
LINES = [
    "",
    "# Title",
    "## Steps {#steps}",
    "Some `code` and ``more `of` it``, *emphasis* and **bold**.",
    "    indented code",
    '1. First, see [the page](a.md#b "title") and ![a picture](b.png).',
    "    - nested `--flag` item",
    "- [ ] a task",
    "| A | `b|c` |",
    "|---|---|",
    "| [x](y.md) | **z** |",
    "> quoted `text`",
    "[label]: https://example.com",
    "See [label][] and <https://example.com>.",
    "Title below",
    "-----",
    "```bash",
    "echo \"$X\" | tee 'y' # why",
    "```",
    '!!! note "Mind"',
    "    inside of it",
    "a line\\",
    "&copy; &#64; \\* \\` <br> <kbd>x</kbd>",
    "{: .class }",
    "Term",
    ":   its meaning",
    "*[HTML]: abbreviation",
    "HTML[^1]",
    "[^1]: the note",
    "\ue000d1\ue001",
]
EXTENSIONS = ["attr_list", "tables", "toc", "admonition", "def_list", "footnotes", "abbr", "pymdownx.superfences"]
OPTIONS = {"pymdownx.highlight": {"use_pygments": False}}


def rendered(text: str) -> str:
    return markdown(text, extensions=[*EXTENSIONS, "pymdownx.highlight"], extension_configs=OPTIONS)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(LINES), max_size=14), st.data())
def test_a_marked_page_is_the_same_page(lines: list[str], data: st.DataObject) -> None:
    body = "\n".join(lines)
    runbook = parse_runbook("a.md", f"{HEAD}{body}\n".encode())
    doubts = []
    for number in range(1, 4):
        line = data.draw(st.integers(1, max(len(lines), 1)))
        column = data.draw(st.integers(1, max(len(lines[line - 1]) if lines else 1, 1)))
        finding = Finding(
            "contradicted", Family.FRESHNESS, Severity.ERROR, "a.md", line + 3, column, "it is gone", "", "0"
        )
        doubts.append(Doubt(number, finding))
    assert forgotten(rendered(marked(runbook, body, doubts))) == rendered(
        body.replace("\ue000", "").replace("\ue001", "")
    )


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ('sudo rm -rf "$DIR"', ("rm -rf",)),
        ("git push --force-with-lease origin main", ("git push --force-with-lease",)),
        ("git clean -fdx", ("git clean -f",)),
        ("psql -c 'drop table x; DROP TABLE orders'", ("drop table", "DROP TABLE")),
        ("psql <<'SQL'\nTRUNCATE orders;\nSQL", ("TRUNCATE",)),
        ("psql -c 'truncate table orders'", ("truncate table",)),
        ("psql -c 'DELETE FROM orders'", ("DELETE FROM",)),
        ("truncate --size 0 wal.log", ("truncate --size",)),
        ("mkfs.ext4 /dev/sdb", ("mkfs.ext4",)),
        ("redis-cli FLUSHALL", ("redis-cli FLUSHALL",)),
        ("gcloud sql instances delete main", ("gcloud sql instances delete",)),
        ("echo 'truncate it'", ()),
        ("aws ec2 terminate-instances --instance-ids i-1", ("aws ec2 terminate-instances",)),
        ("docker compose down -v", ("docker compose down -v",)),
        ("terraform apply record.plan", ("terraform apply",)),
        ("dd if=/dev/zero of=/dev/sdb", ("dd of=",)),
        ('pennant flag delete "$FLAG"', ("pennant flag delete",)),
        ("for x in a b; do kubectl delete pod $x; done", ("kubectl delete",)),
        ("terraform plan -out=record.plan", ()),
        ("docker compose up --detach --wait", ()),
        ("rsync --archive a/ b", ()),
        ("echo 'delete it'; grep -r delete .", ()),
        ("systemctl status postgresql", ()),
    ],
)
def test_commands_that_destroy_are_recognised(command: str, told: tuple[str, ...]) -> None:
    assert destructive(command) == told


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("    indented code\n```bash\n# Title\n```", id="a block that is none to Python-Markdown"),
        pytest.param('    indented code\n# Title\n```bash\n!!! note "Mind"\n```', id="a box in such a block"),
        pytest.param("```bash\nmake up\n```\n-----", id="a block that is a title to Python-Markdown"),
        pytest.param("> ```bash\n> make up\n> ```\n> ---", id="a block that is a title, quoted"),
    ],
)
def test_what_python_markdown_reads_otherwise_is_the_same_page(body: str) -> None:
    assert forgotten(rendered(marked(parse_runbook("a.md", f"{HEAD}{body}\n".encode()), body, []))) == rendered(body)
