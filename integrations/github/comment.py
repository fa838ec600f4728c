"""Keeps one comment on a pull request: written when the gate first stops it, updated in place from then on.

Usage: comment.py FILE EXIT_CODE, with the environment that GitHub gives a step, and TOKEN. A comment that cannot be
written is said and fails nothing: the annotations and the job summary are there.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

MARKER = "<!-- blackstart -->"
PAGES = 10  # of 100 comments


def main(file: str, code: str) -> int:
    """Write, update or leave it."""
    if not file:  # the check could not judge at all, and said why
        return 0
    body = Path(file).read_text(encoding="utf-8")
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    comments = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues/{int(event['number'])}/comments"
    try:
        earlier = next(_ours(comments), None)
        if earlier and earlier["body"] != body:
            _ask("PATCH", f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues/comments/{int(earlier['id'])}", body)
        elif not earlier and code != "0":
            _ask("POST", comments, body)
    except (HTTPError, URLError) as error:
        print(
            f"::warning title=blackstart::no comment on the pull request: {_line(error)}. Grant pull-requests: write."
        )
    return 0


def _ours(comments: str) -> Iterator[dict[str, Any]]:
    """Anybody can write our marker; only a bot's comment may be ours."""
    for page in range(1, PAGES + 1):
        found = _ask("GET", f"{comments}?per_page=100&page={page}")
        yield from (one for one in found if one["user"]["type"] == "Bot" and one["body"].startswith(MARKER))
        if len(found) < 100:
            return


def _ask(method: str, path: str, body: str | None = None) -> Any:
    request = Request(os.environ["GITHUB_API_URL"] + path, method=method)
    request.add_header("Authorization", f"Bearer {os.environ['TOKEN']}")
    request.add_header("Accept", "application/vnd.github+json")
    data = None if body is None else json.dumps({"body": body}).encode()
    with urlopen(request, data, timeout=30) as response:
        return json.load(response)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).replace("%", "%25")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
