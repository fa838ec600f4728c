"""Headings, fences, links and sections at their places, against pages whose answers are known as they are built."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown

from blackstart.written.markdown import Document

EXTENSIONS = ["toc", "attr_list", "admonition", "tables", "pymdownx.superfences", "pymdownx.tabbed", "pymdownx.details"]
STYLE = {"pymdownx.tabbed": {"alternate_style": True}}
WORDS = st.text("abcxyzAB .:_é`*&'\"/-日", min_size=1, max_size=12).filter(lambda text: text.strip(" -_*:`>."))
PLAIN = st.text("abc XYZ", min_size=1, max_size=12).map(str.strip).filter(bool)


@dataclass
class Page:
    """A page as it grows, with what must be found in it: the slow and obvious oracle."""

    lines: list[str] = field(default_factory=list)
    headings: list[tuple[int, int, str]] = field(default_factory=list)
    fences: list[tuple[int, str, str]] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        self.lines += [*lines, ""]

    @property
    def next(self) -> int:
        return len(self.lines) + 1


def heading(page: Page, level: int, text: str) -> None:
    page.headings.append((page.next, level, text))
    page.add(f"{'#' * level} {text}")


def fence(page: Page, indent: int, language: str, text: str) -> None:
    space = " " * indent
    page.add("1. Step") if indent else None
    page.fences.append((page.next, language, f"# {text}\n\n[x](in-code.md)\n"))
    page.add(f"{space}```{language}", f"{space}# {text}", "", f"{space}[x](in-code.md)", f"{space}```")
    page.add("Text.") if indent else None


def link(page: Page, indent: int, before: str, target: str) -> None:
    space = " " * indent
    page.add("1. Step") if indent else None
    page.links.append((page.next, indent + len(before) + 6, target))
    page.add(f"{space}{before} [x]({target}) see {target}")
    page.add("Text.") if indent else None


def hidden(page: Page, how: str, text: str) -> None:
    inside = (f"## {text}", f"[x]({text.replace(' ', '')}.md)", "```", "[y](z.md)")
    if how == "comment":
        page.add("<!--", *inside[:2], "-->")
    elif how == "inline":
        page.add("Text <!-- [x](y.md)", "## not a heading -->.")
    else:
        page.add("~~~text", *inside, "~~~")
        page.fences.append((page.next - 7, "text", "\n".join(inside) + "\n"))


def boxed(page: Page, opening: str, level: int, text: str, target: str) -> None:
    page.lines.append(opening)
    page.headings.append((page.next + 1, level, text))
    page.links.append((page.next + 3, 9, target))
    page.fences.append((page.next + 5, "bash", "true\n"))
    page.add("", f"    {'#' * level} {text}", "", f"    [x]({target})", "", "    ```bash", "    true", "    ```")


LEVELS, TARGETS = st.integers(1, 6), st.from_regex(r"[a-z]{1,5}\.md(#[a-z]{1,3})?", fullmatch=True)
STEPS = st.one_of(
    st.tuples(st.just(heading), LEVELS, PLAIN),
    st.tuples(st.just(fence), st.sampled_from([0, 4]), st.sampled_from(["", "bash", "text"]), PLAIN),
    st.tuples(st.just(link), st.sampled_from([0, 4]), PLAIN, TARGETS),
    st.tuples(st.just(hidden), st.sampled_from(["comment", "inline", "fence"]), PLAIN),
    st.tuples(
        st.just(boxed), st.sampled_from(["!!! note", '??? tip "T"', "???+ x", '=== "Tab"']), LEVELS, PLAIN, TARGETS
    ),
)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.lists(STEPS, max_size=12), st.integers(1, 50), st.sampled_from(["\n", "\r\n"]))
def test_everything_is_found_at_its_place(steps: list[tuple[object, ...]], first: int, end: str) -> None:
    page = Page()
    for act, *arguments in steps:
        act(page, *arguments)  # type: ignore[operator]
    document, offset = Document(end.join(page.lines), first), first - 1
    assert [(h.line - offset, h.level, h.text) for h in document.headings] == page.headings
    assert [(f.line - offset, f.language, f.content) for f in document.fences] == page.fences
    assert [(k.line - offset, k.column, k.target) for k in document.links] == page.links
    assert all(fence.closed for fence in document.fences)
    for section in document.sections:
        for line, text in section.lines:
            written = page.lines[line - first].rjust(len(text))[-len(text) :] if text else ""
            assert all(seen in (" ", there) for seen, there in zip(text, written, strict=True))
            assert section.heading.line < line


def rendered_ids(text: str) -> list[str]:
    return re.findall(
        r'<h\d[^>]*?\bid="([^"]*)"', Markdown(extensions=EXTENSIONS, extension_configs=STYLE).convert(text)
    )


TITLES = st.one_of(
    WORDS.map(lambda text: f"Title {text.strip()}"),
    st.sampled_from(
        [
            "With `code <x>` in it", "*Emph* and **strong**", "A & B", "A &amp; B", "A &lt;b&gt; c", "A &amp;lt; b",
            "Über straße", "日本語", "snake_case_word", "1. Number", "What? Why!", "Link [text](x.md) here",
            "![alt](i.png) image", "<span id='q'>html</span> t", "Explicit {#my-id}", "Explicit {: #own .cls }",
            "Named {id=foo}", "Class {.only}", "Esc \\* star", "Trailing ##", "Same", "Same", "Same_1", "Same_1",
            "a--b", "C++ / C#", "foo{#x}", "__init__", "&copy; 2020", "``a ` b``", "~~x~~", "a | b", "<https://a.b>",
            "*Emph*{.red} x", "**Strong**{: .b } y", "[Link](x.md){ .button }", "`code`{#c} z", "{.red} first",
        ]
    ),
)  # fmt: skip


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.lists(st.tuples(LEVELS, TITLES), min_size=1, max_size=8))
def test_headings_have_the_ids_of_the_site(titles: list[tuple[int, str]]) -> None:
    text = "\n\n".join(f"{'#' * level} {title}\n\ntext" for level, title in titles)
    assert [heading.anchor for heading in Document(text).headings] == rendered_ids(text)


def test_given_ids_are_anchors_too() -> None:
    text = '<a id="one"></a> <a name=two>x</a>\n\nText. {: #three }\n\n## Four {#five}\n\n[x](y){#six .z}\n'
    assert Document(text).anchors == {"one", "two", "three", "five", "six"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a][nope]", [("nope", 1, 1)]),
        ("x\ny ![a b][]", [("a b", 2, 3)]),
        ("[a][Nope]\n\n[nOPE]: x.md", []),
        ("a[0][1] \\[a\\]\\[b\\] `[c][d]`", []),
        ("[^1][^2]", []),
    ],
)
def test_labels_without_definition(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert [(found.label, found.line, found.column) for found in Document(text).undefined] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](x.md) x.md [b](x.md)", [(1, 5), (1, 20)]),
        ("`[a](x.md)` <!-- [a](x.md) --> [a](x.md)", [(1, 36)]),
        ("[a](x.md#y) [b](x.md) [c](<x.md>) []()", [(1, 5), (1, 17), (1, 28), (1, 38)]),
        ("[a](x\\(1\\).md) [b](x&amp;.md)", [(1, 5), (1, 20)]),
        ("| [a](x.md) | [b](x.md) |\n|---|---|", [(1, 7), (1, 19)]),
        ("<a href='x.md'>a</a> <img src=x.md>", [(1, 10), (1, 31)]),
        ("[a](<two words.md>)", [(1, 6)]),
        ("[a](ü.md)", [(1, 5)]),
        ("[a][r] [b][r]\n\n[r]: x.md", [(3, 6), (3, 6)]),
        ("[![a](i.png)](x.md)", [(1, 15), (1, 7)]),
        ("> quoted [a](\n> x.md)", [(1, 1)]),
    ],
)
def test_links_are_where_the_target_is_written(text: str, expected: list[tuple[int, int]]) -> None:
    assert [(link.line, link.column) for link in Document(text).links] == expected


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("```", ""),
        ("``` bash", "bash"),
        ("~~~Bash title=x", "bash"),
        ("```{.python linenums=1}", "python"),
        ("``` { .sh #id }", "sh"),
        ("```{ #id }", ""),
    ],
)
def test_the_language_of_a_fence(line: str, language: str) -> None:
    assert [fence.language for fence in Document(f"{line}\nx\n{line[:3]}").fences] == [language]


def test_an_open_fence_is_known() -> None:
    assert [fence.closed for fence in Document("```\na\n```\n\n````\n```\n").fences] == [True, False]


def test_boxes_in_steps_are_taken_apart() -> None:
    text = "1. Step\n\n    !!! warning\n\n        Text.\n\n        ```bash\n        true\n        ```\n\n    Then."
    assert [(fence.line, fence.content) for fence in Document(text).fences] == [(7, "true\n")]


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("<!-- a -->\nb", ["", "b"]),
        ("a <!-- b --> c", ["a            c"]),
        ("a <!-- b\nc --> d", ["a       ", " d"]),
        ("a <!-- b\n\nc -->", ["a <!-- b", "", "c -->"]),
        ("a `<!-- b -->` c", ["a `<!-- b -->` c"]),
        ("```\n<!-- b -->\n```", ["```", "<!-- b -->", "```"]),
    ],
)
def test_comments(text: str, visible: list[str]) -> None:
    assert list(Document(text).visible) == visible
