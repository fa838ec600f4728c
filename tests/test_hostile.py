"""Whatever stands in a repository, blackstart answers: no traceback, no bug of ours, no endless run.

Over two thousand inputs: hypothesis chooses a file of a good repository, a way to spoil it and the place. What is
certainly malformed must fail; what may still be well must only be judged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile import FILES, FORMS, MALFORMED, RUNBOOK, WRITTEN, blackstart
from repo import Repo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A good repository without git, which the recorded review does not need."""
    repo = Repo(tmp_path_factory.mktemp("hostile"))
    for path, text in FILES.items():
        repo.write(path, text)
    assert repo.blackstart("review", RUNBOOK, "-m", "new", "--by", "ann") == 0
    code, said = blackstart(repo.root, "check")
    assert code == 0, said
    return repo


def judged(shop: Repo, path: str, data: bytes) -> tuple[int, str]:
    """The exit code and output with `data` in the place of the file."""
    good = (shop.root / path).read_bytes()
    try:
        shop.write(path, data)
        code, said = blackstart(shop.root, "check", "--format", ("text", "json")[len(data) % 2])
        return code, said
    finally:
        shop.write(path, good)


# --- what is certainly malformed

SAME = {  # these keys take any text, or any key is allowed there
    ("catalog-info.yaml", "an unknown list"),
    ("catalog-info.yaml", "a merge"),
}


@pytest.mark.parametrize("path", WRITTEN)
@settings(deadline=None, max_examples=240, derandomize=True, database=None)
@given(how=st.sampled_from(sorted(MALFORMED)), at=st.integers(0, 5_000))
def test_what_is_malformed_fails(shop: Repo, path: str, how: str, at: int) -> None:
    good = (shop.root / path).read_bytes()
    allowed = (0, 1, 2) if (path, how) in SAME or "climbing" in how else (1, 2)
    code, said = judged(shop, path, MALFORMED[how](good, at))
    assert code in allowed
    assert path in said or code == 0


# --- what may still be well

BITS = [
    "---", "...", "\n", "\r", "\t", ": ", "- ", "# ", "## Steps", "```", "~~~bash", "`", "<!--", "-->", "[",
    "](", "][", "]: ", "![", "{", "}", "{#x}", "!!! note", '=== "x"', "    ", "> ", "|", "|-|", "*", "_",
    "&amp;", "<a id=", "'", '"', "\\", "$(", "<<EOF", "%", "@", "\u2028", "\x85", "\u202e", "\x1b[2J", "\x07",
    "ü", "日本", "🔥", "\u200f", "0x", "1e999", "~", "=", "<<", "?", "!", "&", "on", "null", "//[x", "http://[",
    "%ff", "#%00", "/..", "**", "[]", "x" * 500,
]  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "repeat", "swap"]),
        st.integers(0, 5_000),
        st.integers(0, 60),
        st.one_of(st.sampled_from(BITS), st.text(max_size=6)),
    ),
    min_size=1,
    max_size=8,
)


def edited(data: str, how: str, at: int, length: int, bit: str) -> str:
    at %= len(data) + 1
    before, inside, behind = data[:at], data[at : at + length], data[at + length :]
    return {
        "insert": before + bit + inside + behind,
        "delete": before + behind,
        "repeat": before + inside * 3 + behind,
        "swap": behind + bit + before + inside,
    }[how]


@pytest.mark.parametrize("path", WRITTEN)
@settings(deadline=None, max_examples=280, derandomize=True, database=None)
@given(edits=EDITS)
def test_what_is_shuffled_is_judged(shop: Repo, path: str, edits: list[tuple[str, int, int, str]]) -> None:
    text = (shop.root / path).read_bytes().decode()
    for edit in edits:
        text = edited(text, *edit)
    judged(shop, path, text.encode("utf-8", "replace"))


@pytest.mark.parametrize("path", WRITTEN)
@pytest.mark.parametrize("form", FORMS)
def test_forms_of_text_do_not_matter(shop: Repo, path: str, form: str) -> None:
    assert judged(shop, path, FORMS[form]((shop.root / path).read_bytes(), 0))[0] == 0


@pytest.mark.parametrize("path", WRITTEN)
def test_an_empty_file(shop: Repo, path: str) -> None:
    assert judged(shop, path, b"")[0] == (2 if "_kinds" in path else 1)


SLOW = [
    "[", "![", "[a](b)", "# a\n", "## a\n\n", "a\n-\n", "> ", "- ", "*a ", "`", "<!-- ", "a <!-- b\n",
    "|a|b|\n|-|-|\n", "<a ", "[a][b]", "{a: ", "- - ", "? ", "```bash\n(\n", "TODO ", "<your-",
]  # fmt: skip


@pytest.mark.parametrize("path", WRITTEN)
def test_shells_and_markdown_that_would_take_for_ever(shop: Repo, path: str) -> None:
    """Much of what makes parsers slow: no run may take more than seconds."""
    size = 120_000
    good = (shop.root / path).read_bytes()
    for bit in SLOW:
        judged(shop, path, good + b"\n\n" + (bit * (size // len(bit))).encode()[: size - len(good)])
    for script in ("(" * 100_000, "cat <<E\n" * 20_000, "$(" * 50_000, "`" * 50_001, "if " * 50_000, "'\n" * 50_001):
        judged(shop, path, good + f"\n```bash\n{script}\n```\n".encode())


# --- files that are none, and names that nobody expects


@pytest.fixture
def copy(tmp_path: Path, shop: Repo) -> Repo:
    repo = Repo(tmp_path / "copy")
    for path in FILES:
        repo.write(path, (shop.root / path).read_bytes())
    return repo


def loop(file: Path) -> None:
    file.symlink_to(file.name)


def out(file: Path) -> None:
    file.symlink_to("/etc/passwd")


def up(file: Path) -> None:
    file.symlink_to("..", target_is_directory=True)


ODD: dict[str, Callable[[Path], object]] = {
    "a link to itself": loop,
    "a link out": out,
    "a link up": up,
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
}


@pytest.mark.parametrize("path", WRITTEN)
@pytest.mark.parametrize("how", ODD)
def test_a_file_that_is_none(copy: Repo, path: str, how: str) -> None:
    (copy.root / path).unlink()
    ODD[how](copy.root / path)
    code, said = blackstart(copy.root, "check")
    assert code in (1, 2)
    assert "root:" not in said


@pytest.mark.parametrize("folder", ["runbooks", "runbooks/note", "app", "runbooks/_kinds"])
def test_folders_in_circles(copy: Repo, folder: str) -> None:
    (copy.root / folder / "again").symlink_to("..", target_is_directory=True)
    (copy.root / folder / "self").symlink_to("self", target_is_directory=True)
    assert blackstart(copy.root, "check")[0] == 0


NAMES = [
    b"-rf.md", b"--help.md", b"two words.md", b"it's.md", b'say "x".md', b"new\nline.md", b"\xc3\xbc.md",
    b"\xff\xfe.md", b"$(id).md", b"`id`.md", b";x.md", b"*.md", b"[a].md", b"#x.md", b"%41.md",
    b"\xe2\x80\xae.md", b"\x1b[2J.md", b"\\.md", b"CON.md", b"~.md", b":x.md", b"x" * 200 + b".md",
]  # fmt: skip


def named(root: Path, name: bytes) -> Iterator[tuple[str, ...]]:
    """Calls that meet a runbook of that name."""
    given_as = os.fsdecode(name)
    yield ("check",)
    yield ("check", "--format", "json")
    yield ("check", "--", f"runbooks/note/{given_as}")
    yield ("check", f"{root}/runbooks/note/{given_as}")


@pytest.mark.parametrize("name", NAMES, ids=repr)
@pytest.mark.parametrize("with_git", [False, True], ids=["plain", "git"])
def test_names(copy: Repo, name: bytes, with_git: bool) -> None:  # noqa: FBT001 - a parameter of the test
    folder = os.fsencode(copy.root / "runbooks/note")
    Path(os.fsdecode(folder + b"/" + name)).write_bytes(
        (copy.root / RUNBOOK).read_bytes().replace(b"## Steps", b"## TBD")
    )
    Path(os.fsdecode(os.fsencode(copy.root / "app") + b"/" + name)).write_bytes(b"x")
    if with_git:
        copy.init().commit("Begin")
    for call in named(copy.root, name):
        assert blackstart(copy.root, *call)[0] == 1


ANCHORS = [
    "-rf", "--output=x", "../x", "/etc/passwd", "a b", "ü", "'", "*", "**", "[", "[!", ":(top)x", "app/**/x",
    ".git/config", "app//x", "~", "a\\b", "#", "x#", "x##", "app/shop.py#", "$(id)", "**/" * 50 + "x",
    "*" * 200, "app/shop.py#" + "x." * 100,
]  # fmt: skip


@pytest.mark.parametrize("anchor", ANCHORS)
@pytest.mark.parametrize("with_git", [False, True], ids=["plain", "git"])
def test_anchors(copy: Repo, anchor: str, with_git: bool) -> None:  # noqa: FBT001 - a parameter of the test
    text = copy.read(RUNBOOK).replace("- app/shop.py", f"- {json.dumps(anchor)}")
    copy.write(RUNBOOK, text)
    if with_git:
        copy.init().commit("Begin")
    code, _ = blackstart(copy.root, "check")
    assert code in ((0, 1, 2) if anchor in ("*", "**", "app/shop.py#") else (1, 2))


@pytest.mark.parametrize(
    "value", ["../..", "/", "/etc", ".", "..", "~", "-rf", "a\nb", "x" * 5_000, "x/" * 3_000, ".git", "app", ""]
)
@pytest.mark.parametrize("key", ["runbooks", "catalogue"])
def test_places_in_the_policy(copy: Repo, key: str, value: str) -> None:
    copy.write("blackstart.yml", f"{key}: {json.dumps(value)}\n")
    assert blackstart(copy.root, "check")[0] in (1, 2) or (key, value) == ("runbooks", "app")


def test_the_count_of_inputs() -> None:
    """Two thousand are promised."""
    fixed = len(WRITTEN) * (len(FORMS) + len(ODD) + 28) + len(NAMES) * 2 * 4
    assert len(WRITTEN) * (240 + 280) + fixed > 2_000
