"""Commands that plainly destroy something, so that a page can say so even where its author did not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from blackstart.commands import script_of

_PROGRAMS = frozenset(
    {"rm", "rmdir", "dropdb", "dropuser", "shred", "truncate", "wipefs", "srm", "userdel", "blkdiscard"}
)
_VERBS = frozenset(
    {
        "delete",
        "destroy",
        "drop",
        "purge",
        "wipe",
        "flush",
        "flushall",
        "flushdb",
        "prune",
        "erase",
        "revoke",
        "terminate",
    }
)
_VERB_PARTS = ("delete-", "terminate-", "remove-", "purge-", "destroy-", "deregister-")
_OPTIONS: dict[str, tuple[str, ...]] = {  # what makes a command destructive; without any, it always is
    "dd": ("of=",),
    "find": ("-delete",),
    "rsync": ("--delete", "--remove-source-files"),
    "git push": ("--force", "--force-with-lease", "-f", "--delete", "--mirror"),
    "git reset": ("--hard",),
    "git clean": ("-f", "--force"),
    "git branch": ("-D",),
    "git worktree remove": ("-f", "--force"),
    "docker compose down": ("-v", "--volumes"),
    "terraform apply": (),
    "tofu apply": (),
    "helm uninstall": (),
    "kubectl drain": (),
    "docker rm": (),
    "docker volume rm": (),
    "aws s3 rm": (),
    "aws s3 rb": (),
}
_SQL = re.compile(
    r"\b((?i:DROP\s+(?:TABLE|DATABASE|SCHEMA|INDEX|VIEW|USER|ROLE|TYPE)|TRUNCATE\s+TABLE|DELETE\s+FROM)|TRUNCATE)\b(?=\s+\S)"
)
_HARMLESS = frozenset(
    {"echo", "printf", "grep", "rg", "awk", "cat", "cd", "export", "head", "jq", "ls", "man", "test", "["}
)
_SUSPECT = re.compile(  # most blocks are harmless, and parsing takes its time
    "|".join(
        map(re.escape, (*_PROGRAMS, *_VERBS, *_VERB_PARTS, "mkfs", *{name.rpartition(" ")[2] for name in _OPTIONS}))
    ),
    re.IGNORECASE,
)
_SIMPLE = re.compile(r"[a-z][a-z0-9-]*")
_NEAR = 3  # words in which a program's verb stands: `aws ec2 terminate-instances`


def destructive(text: str) -> tuple[str, ...]:
    """What in a shell block destroys, each in the few words that a reader recognises; nothing where it is harmless."""
    if not _SUSPECT.search(text):
        return ()
    script = script_of(text)
    found = [name for command in script.commands for name in _of([word.text for word in command])] if script else []
    found += [" ".join(sql[1].split()) for sql in _SQL.finditer(text)]
    return tuple(dict.fromkeys(found))


def _of(words: Sequence[str]) -> Iterator[str]:
    program, options = words[0].rpartition("/")[2], words[1:]
    plain = [word for word in options if not word.startswith("-")][:_NEAR]
    if program in _PROGRAMS or program.startswith("mkfs"):
        yield " ".join([program, *(word for word in options[:1] if word.startswith("-"))])
        return
    for name, flags in _OPTIONS.items():
        if [program, *plain][: name.count(" ") + 1] == name.split(" "):
            given = next((flag for flag in flags for word in options if _is(word, flag)), "")
            if given or not flags:
                yield f"{name} {given}".strip()
    for index, word in enumerate(() if program in _HARMLESS else plain):
        if word.lower() in _VERBS or word.startswith(_VERB_PARTS):
            yield " ".join([program, *filter(_SIMPLE.fullmatch, plain[:index]), word])
            return


def _is(word: str, flag: str) -> bool:
    """Short options may be joined, as in `-fdx`; those that end in `=` have a value."""
    if len(flag) == 2 and not word.startswith("--"):
        return word.startswith("-") and flag[1] in word
    return word == flag or word.startswith(flag if flag.endswith("=") else f"{flag}=")
