"""Everything that Pygments knows, by its tokens: comments go, white space counts only where it parts something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from blackstart.freshness.meaning.canonical import canonical

# Named, because the lexer that a file name finds may change with Pygments, and is long in coming.
_LEXERS = {".sql": "postgresql", ".tf": "terraform", ".hcl": "terraform", ".sh": "bash", ".bash": "bash"}
_LEXERS |= {".py": "python", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml", ".go": "go"}
_LEXERS |= {".pl": "perl", "Jenkinsfile": "groovy"}
# Where a line ends means nothing there.
_FREE_FORM = {".sql", ".tf", ".tfvars", ".hcl", ".rs", ".java", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".php"}
_FREE_FORM |= {".proto", ".thrift", ".dart", ".json5"}
_LOOSE = {".css", ".scss", ".less"}  # the same, but white space parts anything
_SAYS_NOTHING = {".rs"}  # whose documentation the lexer takes for a kind of text
_LONGER = {"--", "++", "&&", "||", "<<", ">>", "->", "=>", "==", "!=", "<=", ">=", "::", "//", "/*", "*/", "??", "?."}
_LONGER |= {f"{sign}=" for sign in "+-*/%&|^:"}
_CASELESS = {".sql"}
MAX_LEXED = 2_000_000  # characters


def whole(path: str, text: str) -> bytes | None:
    """The tokens that mean something; None where no lexer knows the file."""
    tokens, suffix = _tokens(path, text), PurePosixPath(path).suffix
    if tokens is None:
        return None
    if suffix in _SAYS_NOTHING:
        tokens = _undocumented(tokens)
    parts = _parts_words if suffix in _FREE_FORM else _parts if suffix in _LOOSE else None
    return canonical(list(_significant(tokens, parts, caseless=suffix in _CASELESS)))


@lru_cache(maxsize=128)  # a preview asks again after each edit
def without_comments(path: str, text: str) -> str:
    """The text without comments and docstrings, line by line, where a lexer knows them."""
    from pygments.token import Comment, Literal

    tokens = _tokens(path, text) if len(text) < MAX_LEXED else None
    if tokens is None:
        return text
    silent = (Comment.Single, Comment.Multiline, Literal.String.Doc)
    return "".join(
        "\n" * value.count("\n") if kind is Comment or any(kind in one for one in silent) else value
        for kind, value in tokens
    )


def _tokens(path: str, text: str) -> Iterator[tuple[Any, str]] | None:
    from pygments.lexers import find_lexer_class_by_name, find_lexer_class_for_filename  # slow, and often not needed

    name, suffix = PurePosixPath(path).name, PurePosixPath(path).suffix
    known = _LEXERS.get(suffix) or _LEXERS.get(name)
    lexer_class = find_lexer_class_by_name(known) if known else find_lexer_class_for_filename(name)
    if lexer_class is None:
        return None
    tokens: Iterator[tuple[Any, str]] = lexer_class(stripnl=False, ensurenl=True).get_tokens(text)
    return tokens


def _undocumented(tokens: Iterator[tuple[Any, str]]) -> Iterator[tuple[Any, str]]:
    from pygments.token import Comment, Literal

    return ((Comment if kind in Literal.String.Doc else kind, value) for kind, value in tokens)


def _significant(
    tokens: Iterator[tuple[Any, str]], parts: Callable[[str, str], bool] | None, *, caseless: bool
) -> Iterator[str]:
    """`parts` says whether white space between two words means anything; without it, all does, and lines do."""
    from pygments.token import Comment, Literal, Text

    silent = (Comment.Single, Comment.Multiline)  # other kinds are for a preprocessor or the shell
    previous = gap = ""
    for kind, value in tokens:
        if kind is Comment or any(kind in one for one in silent):
            gap = gap or " "
            if value.endswith("\n"):
                gap = "\n"
        elif (kind in Text or kind not in Literal) and value.isspace() and not (parts and kind in Comment):
            gap = "\n" if "\n" in value or gap == "\n" else " "
        else:
            word = value.lower() if caseless and kind not in Literal.String else value
            if gap and previous and (not parts or parts(previous, word)):
                yield " " if parts else gap
            yield word
            previous, gap = word, ""


def _parts(_left: str, _right: str) -> bool:
    return True


def _parts_words(left: str, right: str) -> bool:
    """Or signs that would be another one together."""
    words = (left[-1].isalnum() or left[-1] == "_") and (right[0].isalnum() or right[0] == "_")
    return words or left[-1] + right[0] in _LONGER
