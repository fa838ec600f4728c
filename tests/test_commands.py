"""What a code span tells the shell is what a block of the same text tells it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.commands import Script, scripts_of
from blackstart.written.markdown import Document

SHELL = "case coproc declare do done elif else esac export fi for function if in local readonly select set then time"
WORDS = [*SHELL.split(), "typeset", "unset", "unsetenv", "until", "while", "sudo", "env", "--force", "-n", "a=1", "$A"]
LETTERS = st.text("aZ09_-./:=@%+,~!$'\"{}*", min_size=1, max_size=8)


def told(script: Script) -> object:
    commands = tuple(tuple((word.text, word.whole) for word in command) for command in script.commands)
    return commands, *(tuple(word.text for word in part) for part in (script.writes, script.sets, script.reads))


@settings(max_examples=500)
@given(st.lists(st.one_of(st.sampled_from(WORDS), LETTERS), min_size=1, max_size=3).map(" ".join))
def test_a_span_and_a_block_say_the_same(text: str) -> None:
    block = [told(script) for script in scripts_of(Document(f"```bash\n{text}\n```"))]
    span = [told(script) for script in scripts_of(Document(f"`{text}`"))]
    assert span == block


def test_every_word_of_the_shell_alone() -> None:
    for word in WORDS:
        block = [told(script) for script in scripts_of(Document(f"```bash\n{word}\n```"))]
        assert [told(script) for script in scripts_of(Document(f"`{word}`"))] == block, word
