"""What a file means: comments, white space, docstrings, quoting and key order taken away.

Each normaliser turns bytes into canonical bytes. One that cannot parse gives None and a coarser one is asked;
the coarsest is the bytes themselves, so that a parser failure never hides a change.
"""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import yaml

MAX_PARSED = 2_000_000  # bytes; beyond it a file is compared as it is
MAX_DEPTH = 100

Normaliser: TypeAlias = Callable[[str], bytes | None]


def meaning(path: str, content: bytes) -> bytes:
    """The canonical form of a file; equal forms mean the same to whoever runs the file."""
    text = _text(content)
    if text is None:
        return b"bytes\0" + content
    shebang = text.split("\n", 1)[0].encode() if text.startswith("#!") else b""
    for name, normalise in _normalisers(path):
        canonical = normalise(text)
        if canonical is not None:
            return b"\0".join((name.encode(), shebang, canonical))
    return b"lines\0" + _lines(text)


def _normalisers(path: str) -> Iterator[tuple[str, Normaliser]]:
    name, suffix = PurePosixPath(path).name, PurePosixPath(path).suffix
    by_suffix = {".py": _python, ".yaml": _yaml, ".yml": _yaml, ".json": _json, ".toml": _toml, ".mk": _make}
    if normaliser := by_suffix.get(suffix):
        yield normaliser.__name__, normaliser
    elif name in ("Makefile", "makefile", "GNUmakefile"):
        yield "_make", _make
    elif name.startswith("requirements") and suffix in (".txt", ".in"):
        yield "_requirements", _requirements
    if suffix not in _PROSE:
        yield "_tokens", partial(_tokens, path)


def _text(content: bytes) -> str | None:
    if len(content) > MAX_PARSED or b"\0" in content:
        return None
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _lines(text: str) -> bytes:
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n")).encode()


def _requirements(text: str) -> bytes:
    lines = (line.split(" #")[0].strip() for line in text.split("\n") if not line.lstrip().startswith("#"))
    return "\n".join(sorted(line for line in lines if line)).encode()


def _make(text: str) -> bytes:
    """Recipe lines are kept as they are, tab included; a blank line or a comment means nothing."""
    return "\n".join(line for line in map(_make_line, text.split("\n")) if line).encode()


def _make_line(line: str) -> str:
    line = line.rstrip()
    if line.lstrip().startswith("#"):
        return ""
    return line if line.startswith("\t") else " ".join(line.partition(" #")[0].split())


def _canonical(value: Any) -> bytes:
    """JSON with sorted keys; the values are strings, lists and mappings only."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


# --- Python


def _python(text: str) -> bytes | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _canonical(_python_node(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _python_node(node: ast.AST) -> list[Any]:
    """Our own whitelist, not `ast.dump`: its form changes between versions of Python."""
    fields = []
    for name, value in ast.iter_fields(node):
        if name in ("ctx", "kind", "type_comment", "type_ignores"):
            continue
        if name == "body" and isinstance(value, list):
            value = _without_docstring(node, value)
        if value is not None and value != []:  # absent and empty are one, so new optional fields change nothing
            fields.append([name, _python_value(value)])
    return [type(node).__name__, fields]


def _python_value(value: Any) -> Any:
    if isinstance(value, ast.AST):
        return _python_node(value)
    if isinstance(value, list):
        return [_python_value(item) for item in value]
    return f"{type(value).__name__}:{value!r}"


def _without_docstring(node: ast.AST, body: list[Any]) -> list[Any]:
    documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    first = body[0] if documented and body else None
    if not (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    ):
        return body
    return body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])


# --- YAML, JSON, TOML


def _yaml(text: str) -> bytes | None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if _too_deep(yaml.parse(text, Loader=loader)):
            return None
        digests: dict[int, str | None] = {}
        return _canonical([_yaml_node(root, digests) for root in yaml.compose_all(text, Loader=loader)])
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _too_deep(events: Iterator[yaml.Event]) -> bool:
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return True
    return False


def _yaml_node(node: yaml.Node | None, digests: dict[int, str | None]) -> str:
    """A digest per node, kept, so that a bomb of aliases costs no more than its text."""
    if node is None:
        return "null"
    if id(node) in digests:
        known = digests[id(node)]
        if known is None:
            raise ValueError("an alias inside its own anchor")
        return known
    digests[id(node)] = None
    content: Any
    if isinstance(node, yaml.MappingNode):
        content = sorted([_yaml_node(key, digests), _yaml_node(value, digests)] for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        content = [_yaml_node(item, digests) for item in node.value]
    else:
        content = node.value
    digest = sha256(_canonical([node.tag, content])).hexdigest()
    digests[id(node)] = digest
    return digest


def _json(text: str) -> bytes | None:
    def pairs(items: list[tuple[str, Any]]) -> Any:
        return {"object": sorted([[key, value] for key, value in items], key=_canonical)}

    try:
        data = json.loads(
            text, object_pairs_hook=pairs, parse_int=lambda n: ["int", n], parse_float=lambda n: ["float", n]
        )
        return _canonical(data)
    except (ValueError, RecursionError):
        return None


def _toml(text: str) -> bytes | None:
    try:
        data = tomllib.loads(text)
        return json.dumps(data, sort_keys=True, default=lambda value: [type(value).__name__, str(value)]).encode()
    except (ValueError, RecursionError):
        return None


# --- everything that Pygments knows

_PROSE = {".md", ".markdown", ".rst", ".txt", ".csv"}  # every word counts; a lexer has nothing to take away
# Named, because the lexer that a file name finds may change with Pygments.
_LEXERS = {".sql": "postgresql", ".tf": "terraform", ".hcl": "terraform", ".sh": "bash", ".bash": "bash"}
_FREE_FORM = {".sql", ".tf", ".tfvars", ".hcl"}
_CASELESS = {".sql"}


def _tokens(path: str, text: str) -> bytes | None:
    """The tokens without comments; white space counts only where it parts two words or, by language, two lines."""
    from pygments.lexers import find_lexer_class_by_name, find_lexer_class_for_filename  # slow, and often not needed

    name, suffix = PurePosixPath(path).name, PurePosixPath(path).suffix
    known = _LEXERS.get(suffix)
    lexer_class = find_lexer_class_by_name(known) if known else find_lexer_class_for_filename(name)
    if lexer_class is None:
        return None
    tokens = lexer_class(stripnl=False, ensurenl=True).get_tokens(text)
    return _canonical(list(_significant(tokens, free_form=suffix in _FREE_FORM, caseless=suffix in _CASELESS)))


def _significant(tokens: Iterator[tuple[Any, str]], *, free_form: bool, caseless: bool) -> Iterator[str]:
    from pygments.token import Comment, Literal, Text

    previous = gap = ""
    for kind, value in tokens:
        if kind in Comment and kind not in Comment.Preproc and kind not in Comment.Hashbang:
            gap = gap or " "
            if value.endswith("\n"):
                gap = "\n"
        elif (kind in Text or kind not in Literal) and value.isspace():
            gap = "\n" if "\n" in value or gap == "\n" else " "
        else:
            word = value.lower() if caseless and kind not in Literal.String else value
            if gap and previous and (not free_form or _parts_words(previous, word)):
                yield " " if free_form else gap
            yield word
            previous, gap = word, ""


def _parts_words(left: str, right: str) -> bool:
    return (left[-1].isalnum() or left[-1] == "_") and (right[0].isalnum() or right[0] == "_")
