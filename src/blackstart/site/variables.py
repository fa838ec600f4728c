"""The variables of a runbook: what its commands export and read, with the values that its author gave them.

Values are never put into commands. The page offers `export` lines, so readers and drills run the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml.html import HtmlElement
from markupsafe import Markup

from blackstart.commands import script_of, typed
from blackstart.freshness.syntax import parse, text_of, walk
from blackstart.site.tree import element
from blackstart.written.parts import Fence

if TYPE_CHECKING:
    from tree_sitter import Node

_OF_THE_SHELL = re.compile(
    r"HOME|USER|LOGNAME|PATH|PWD|OLDPWD|SHELL|TERM|TMPDIR|HOSTNAME|LANG|LC_ALL|RANDOM|SECONDS|EDITOR|PPID|UID|EUID|IFS"
    r"|BASH_SOURCE|PIPESTATUS|LINENO|PS1|DISPLAY|XDG_RUNTIME_DIR|OPTARG|OPTIND|REPLY"
)
NEXT_UPDATE = "NEXT_UPDATE_AT"
"""Filled in by the clock to the next update."""
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")  # lower case is a script's own
_TEXT_NAME = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)\}?")
_SECRET = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|KEY|CREDENTIAL")
_DEFAULT = re.compile(r'^"?\$\{[A-Za-z_]\w*:?-([^{}$`"]*)\}"?$')
_WORKED_OUT = re.compile(r"\$\(|`|\$\{\w+[^\w}]")
_ESCAPED = re.compile(r'\\(["$`\\])')


@dataclass(slots=True)
class Variable:
    """`values` are what the author wrote, as plain text that may name others by `$`; none where a command works it out.

    `computed` says that a command does, `exported` that the page exports it at all.
    """

    name: str
    values: list[str] = field(default_factory=list)
    computed: bool = False
    exported: bool = False

    @property
    def secret(self) -> bool:
        """Whether it must never be kept: its name says what it is."""
        return bool(_SECRET.search(self.name))


def variables_of(fences: Sequence[Fence], texts: Iterable[str] = ()) -> list[Variable]:
    """In the order of the page. `texts` are templates, whose `$NAMES` count too."""
    found: dict[str, Variable] = {}
    local: set[str] = set()
    for text in filter(None, map(typed, fences)):
        if "$" not in text and "export" not in text:
            continue
        script = script_of(text)
        for name, value in _exports(text):
            variable = found.setdefault(name, Variable(name))
            variable.exported = True
            plain = _plain(value)
            variable.computed |= plain is None
            if plain and plain not in variable.values:
                variable.values.append(plain)
        local |= {word.text for word in script.sets} - found.keys() if script else set()
        for word in script.reads if script else ():
            if not re.search(rf"\$\{{{re.escape(word.text)}:?[-=+]", text):  # it does without
                found.setdefault(word.text, Variable(word.text))
    for text in texts:
        for name in _TEXT_NAME.findall(text):
            found.setdefault(name, Variable(name))
    return [item for item in found.values() if _is_the_readers(item, local)]


def _is_the_readers(variable: Variable, local: set[str]) -> bool:
    name = variable.name
    known = _OF_THE_SHELL.fullmatch(name) or name == NEXT_UPDATE or (name in local and not variable.exported)
    return bool(_NAME.fullmatch(name)) and not known


def _exports(text: str) -> Iterator[tuple[str, str]]:
    root = parse("bash", text) if "export" in text else None
    for node in walk(root) if root else ():
        if node.type == "declaration_command" and node.children and text_of(node.children[0]) == "export":
            for assignment in node.named_children:
                if assignment.type == "variable_assignment":
                    yield _name_and_value(assignment)


def _name_and_value(assignment: Node) -> tuple[str, str]:
    name, value = assignment.child_by_field_name("name"), assignment.child_by_field_name("value")
    return text_of(name) if name else "", text_of(value) if value else ""


def _plain(value: str) -> str | None:
    """The value as the shell would have it, other variables left in; None where only a shell can tell."""
    if found := _DEFAULT.match(value):
        return found[1]
    if value.startswith("'") and value.endswith("'") and len(value) > 1:
        return value[1:-1]
    quoted = value.startswith('"') and value.endswith('"') and len(value) > 1
    inner = (value[1:-1] if quoted else value).replace("\\\n", "")
    if _WORKED_OUT.search(inner) or (not quoted and re.search(r"[\"'\\]", inner)):
        return None
    if re.search(r"\$[^A-Z{]", inner) or any(map(_OF_THE_SHELL.fullmatch, _TEXT_NAME.findall(inner))):
        return None
    return _ESCAPED.sub(r"\1", inner)


# --- on the page

_TABLE = Markup(
    '<details class="bs-variables" id="bs-variables" data-search-exclude>'
    "<summary>Variables of this runbook ({})</summary>"
    "<p>The commands name these and stay as they are. Export your values in the shell in which you run them"
    '{}.</p><table class="bs-table"><thead><tr><th>Variable</th><th>Value</th></tr></thead>'
    "<tbody>{}</tbody></table></details>"
)
_ROW = Markup('<tr data-name="{}"{}><th scope="row"><code>{}</code></th><td>{}</td></tr>')
_BEHIND = Markup(", after the page's own <code>export</code> lines, which set examples")
_PROMPT = Markup("secret: <code>read -rs {0} &amp;&amp; export {0}</code> asks for it, and it stays out of the history")


def table_of(variables: Sequence[Variable]) -> HtmlElement | None:
    """The list of the variables; the script makes fields of its cells. Secrets get none."""
    if not variables:
        return None
    rows = Markup().join(_row(variable) for variable in variables)
    behind = _BEHIND if any(variable.exported for variable in variables) else ""
    return element(_TABLE.format(len(variables), behind, rows))


def _row(variable: Variable) -> Markup:
    if variable.secret:
        return _ROW.format(variable.name, Markup(" data-secret"), variable.name, _PROMPT.format(variable.name))
    examples = Markup(" or ").join(Markup("<code>{}</code>").format(value) for value in variable.values)
    cell = examples or ("worked out by a command of this page" if variable.computed else "to be set by you")
    kind = Markup(" data-computed") if variable.computed and not variable.values else ""
    return _ROW.format(variable.name, kind, variable.name, cell)
