"""A fragment follows what it uses in the file, and nothing else."""

from __future__ import annotations

import pytest

from blackstart.freshness.meaning import meaning, names

SERVICE = '''\
from __future__ import annotations

import json
import os
import subprocess as sp
from limits import *

os.environ.setdefault("TZ", "UTC")
BUCKET = "backups"
LIMIT = 900
COLOUR = "green"
CACHE = {}
CACHE["warm"] = True


def _arguments(dump, jobs=4):
    return ["pg_restore", "--jobs", str(jobs), dump]


def restore(dump):
    """Restore it."""
    return sp.run(_arguments(dump), timeout=LIMIT)


def badge():
    return COLOUR + json.dumps(CACHE)


def registered(function):
    return function


@registered
class Store(Base := object):
    retries = 3
    colour = "red"

    def put(self, name):
        return self._retry(name)

    def _retry(self, name):
        return [BUCKET, name] * self.retries

    def paint(self):
        return self.colour


if __name__ == "__main__":
    print(restore("x"), badge())
'''
COMPOSE = """\
name: shop
x-logging: &logging
  driver: json-file
services:
  api:
    image: shop:1
    logging: *logging
  db:
    image: postgres:18
    volumes: ["data:/var/lib/postgresql"]
  mail:
    image: mailer:2
    volumes: [spool:/spool]
volumes:
  data: {driver: local}
  spool: {}
"""
ALERTS = """\
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up == 0
      - alert: ShopSlow
        expr: latency > 1
"""
PROJECT = '[project]\nname = "shop"\n[project.scripts]\nrun = "shop:main"\n[tool.x]\nport = 80\n'


HARD = """\
# Every way round the obvious.
\"\"\"The help text.\"\"\"
try:
    import fast
except ImportError:
    fast = None
import logging, shutil
from kit import pick, choose

LEVEL = 3
logging.basicConfig(level=LEVEL)
CACHE = {}
CACHE["seed"] = seed()
ROUTES = {}


def seed():
    return "seed"


def route(path):
    def enter(function):
        ROUTES[path] = function
        return function
    return enter


@route("/a")
def first():
    logging.info("first")


@route("/b")
def second(node: "Node"):
    pick(CACHE)


def configure():
    shutil.x = 1


configure()
match LEVEL:
    case {"a": HIGH, **REST}:
        pass
    case [1, *TAIL]:
        pass


def copied(LEVEL):
    seed = LEVEL
    return [shutil for LEVEL in seed]


class Node:
    size = 1
    limit = 9
    register("node")

    def __init__(self):
        self.token = make()
        self.kids = []

    def __getattr__(self, name):
        return None

    def login(self):
        return self.token

    def grow(this):
        return this.size + Node.limit

    def bounded(self, limit=limit):
        return limit

    def give(self):
        return helper(self)

    def kind(self):
        return type(self).size

    class Leaf:
        def fall(self):
            return "leaf"


def make():
    return "t"


Node.late = 5
if fast:
    class Quick:
        def run(self):
            return "quick"
"""


def moves(path: str, text: str, fragment: str, old: str, new: str) -> bool:
    """Whether the change moves the fragment's meaning. Both texts must have the fragment."""
    assert old in text
    before, after = meaning(path, text.encode(), fragment), meaning(path, text.replace(old, new).encode(), fragment)
    assert before is not None
    assert after is not None
    return before != after


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("restore", "timeout=LIMIT", "timeout=1"),
        ("restore", "LIMIT = 900", "LIMIT = 60"),
        ("restore", "jobs=4", "jobs=1"),
        ("restore", "import subprocess as sp", "import fake as sp"),
        ("restore", "from limits import *", "from other import *"),
        ("restore", '"TZ", "UTC"', '"TZ", "CET"'),
        ("restore", "COLOUR =", "LIMIT = 1\nCOLOUR ="),
        ("restore", "def badge():", "restore = wrapped(restore)\n\n\ndef badge():"),
        ("restore", "def badge():", "restore.timeout = 3\n\n\ndef badge():"),
        ("restore", "def badge():", "def shrink():\n    global LIMIT\n    LIMIT = 1\n\n\ndef badge():"),
        ("LIMIT", "LIMIT = 900", "LIMIT = 60"),
        ("badge", 'CACHE["warm"] = True', 'CACHE["warm"] = False'),
        ("Store", '"red"', '"blue"'),
        ("Store", "@registered\n", ""),
        ("Store", "    return function", "    return None"),
        ("Store.put", "return self._retry(name)", "return name"),
        ("Store.put", "* self.retries", "* 2"),
        ("Store.put", "retries = 3", "retries = 5"),
        ("Store.put", 'BUCKET = "backups"', 'BUCKET = "other"'),
        ("Store.put", "object)", "dict)"),
        ("Store.retries", "retries = 3", "retries = 5"),
    ],
)
def test_python_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("service.py", SERVICE, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("CACHE", 'return "seed"', "return 2"),
        ("second", 'return "seed"', "return 2"),
        ("second", "size = 1", "size = 2"),
        ("second", "import pick", "import take as pick"),
        ("first", "LEVEL = 3", "LEVEL = 4"),
        ("first", '"/a"', '"/c"'),
        ("copied", "shutil.x = 1", "shutil.x = 2"),
        ("ROUTES", "pick(CACHE)", "pick(None)"),
        ("HIGH", '{"a": HIGH', '{"b": HIGH'),
        ("REST", '{"a": HIGH', '{"b": HIGH'),
        ("TAIL", "[1, *TAIL]", "[2, *TAIL]"),
        ("fast", "fast = None", "fast = 0"),
        ("Quick.run", '"quick"', '"slow"'),
        ("Node.login", "self.token = make()", "self.token = make(1)"),
        ("Node.login", 'return "t"', 'return "u"'),
        ("Node.login", "return None", "return 0"),
        ("Node.login", 'register("node")', 'register("leaf")'),
        ("Node.login", "Node.late = 5", "Node.late = 6"),
        ("Node.grow", "size = 1", "size = 2"),
        ("Node.grow", "limit = 9", "limit = 8"),
        ("Node.bounded", "limit = 9", "limit = 8"),
        ("Node.give", "size = 1", "size = 2"),
        ("Node.kind", "size = 1", "size = 2"),
        ("Node.__getattr__", "return None", "return 0"),
        ("Node.Leaf.fall", '"leaf"', '"twig"'),
        ("route.enter", "ROUTES[path]", "ROUTES[None]"),
    ],
)
def test_python_has_no_way_round(fragment: str, old: str, new: str) -> None:
    assert moves("hard.py", HARD, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("second", "import pick, choose", "import choose, pick, other"),
        ("first", "fast = None", "fast = 0"),
        ("first", "pick(CACHE)", "pick(None)"),
        ("copied", "LEVEL = 3", "LEVEL = 4"),
        ("copied", 'return "seed"', "return 2"),
        ("seed", "import logging, shutil", "import shutil\nimport logging"),
        ("Node.login", "size = 1", "size = 2"),
        ("Node.grow", "= make()", "= make(1)"),
        ("first", "The help text.", "Help."),
    ],
)
def test_python_does_not_cry_wolf(fragment: str, old: str, new: str) -> None:
    assert not moves("hard.py", HARD, fragment, old, new)


def test_a_docstring_that_is_read_counts() -> None:
    module = '"""Usage: a [--dry]"""\nimport docopt\n\ndef run():\n    return docopt.docopt(__doc__)\n'
    assert moves("cli.py", module, "run", "--dry", "--wet")
    assert moves("cli.py", module, "", "--dry", "--wet")
    function = 'def run():\n    """Help."""\n    return run.__doc__\n'
    assert moves("cli.py", function, "run", "Help.", "Usage.")


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("".join(f"def f{n}(): return f{n + 1}()\n" for n in range(30_000)), "f0"),
        ("".join(f"x.a{n} = f()\n" for n in range(30_000)) + "x = 1\n", "x"),
        ("class A:\n" + "".join(f" def m{n}(self): return self.m{n + 1}()\n" for n in range(20_000)), "A.m0"),
    ],
    ids=["functions", "effects", "methods"],
)
def test_long_chains_of_python_cost_no_more_than_their_length(text: str, fragment: str) -> None:
    assert meaning("long.py", text.encode(), fragment) is not None


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("restore", '"green"', '"blue"'),
        ("restore", "def badge():", "def version():\n    return 1\n\n\ndef badge():"),
        ("restore", "import json\n", "import json\nimport sys\n"),
        ("restore", '"""Restore it."""', '"""Restore the database."""'),
        ("restore", "print(restore", "print('now', restore"),
        ("restore", "retries = 3", "retries = 5"),
        ("LIMIT", "jobs=4", "jobs=1"),
        ("Store.put", '"red"', '"blue"'),
        ("Store.put", "return self.colour", "return None"),
        ("Store.put", "LIMIT = 900", "LIMIT = 60"),
    ],
)
def test_python_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("service.py", SERVICE, fragment, old, new)


@pytest.mark.parametrize(
    ("path", "text", "fragment", "old", "new"),
    [
        ("compose.yml", COMPOSE, "services.db", "postgres:18", "postgres:19"),
        ("compose.yml", COMPOSE, "services.db", "driver: local", "driver: nfs"),
        ("compose.yml", COMPOSE, "services.db", "name: shop", "name: store"),
        ("compose.yml", COMPOSE, "services.api", "json-file", "syslog"),
        ("compose.yml", COMPOSE, "services.db.image", "postgres:18", "postgres:19"),
        ("alerts.yml", ALERTS, "groups.shop.rules.ShopDown", "up == 0", "up == 1"),
        ("alerts.yml", ALERTS, "groups.0.rules.0", "up == 0", "up == 1"),
        ("pyproject.toml", PROJECT, "project.scripts", "shop:main", "shop:cli"),
        ("package.json", '{"name": "a", "scripts": {"x": "1"}}', "scripts.x", '"1"', '"2"'),
        ("ci.yml", "env: {A: 1}\njobs:\n  build: {runs-on: x}\n  test: {}\n", "jobs.build", "A: 1", "A: 2"),
        ("multi.yml", "a: {b: 1}\n---\na: {b: 2}\n", "a.b", "b: 2", "b: 3"),
        ("labels.yml", "app.io/name: {x: 1}\nother: 2\n", "app.io/name.x", "x: 1", "x: 2"),
    ],
)
def test_data_follows_a_key_path(path: str, text: str, fragment: str, old: str, new: str) -> None:
    assert moves(path, text, fragment, old, new)


@pytest.mark.parametrize(
    ("path", "text", "fragment", "old", "new"),
    [
        ("compose.yml", COMPOSE, "services.db", "mailer:2", "mailer:3"),
        ("compose.yml", COMPOSE, "services.db", "spool: {}", "spool: {driver: nfs}"),
        ("compose.yml", COMPOSE, "services.db", "image: postgres:18", "image:   'postgres:18' # pinned"),
        ("alerts.yml", ALERTS, "groups.shop.rules.ShopDown", "latency > 1", "latency > 2"),
        ("pyproject.toml", PROJECT, "project.scripts", "port = 80", "port = 81"),
        ("ci.yml", "jobs:\n  build: {runs-on: x}\n  test: {y: 1}\n", "jobs.build", "y: 1", "y: 2"),
    ],
)
def test_data_leaves_the_rest_alone(path: str, text: str, fragment: str, old: str, new: str) -> None:
    assert not moves(path, text, fragment, old, new)


@pytest.mark.parametrize(
    ("path", "text", "fragment"),
    [
        ("service.py", SERVICE, "nothing"),
        ("service.py", SERVICE, "Store.nothing"),
        ("service.py", SERVICE, "restore.inner"),
        ("compose.yml", COMPOSE, "services.cache"),
        ("compose.yml", COMPOSE, "db"),
        ("main.tf", 'resource "aws_s3_bucket" "backups" {}\n', "aws_s3_bucket.logs"),
        ("blob.py", "\0", "x"),
    ],
)
def test_what_is_not_there_does_not_resolve(path: str, text: str, fragment: str) -> None:
    assert meaning(path, text.encode(), fragment) is None


def test_other_languages_count_with_the_whole_file() -> None:
    assert moves("main.rs", "fn backup() {}\nfn lint() {}\n", "backup", "lint() {}", "lint() { x() }")


def test_a_file_that_does_not_parse_counts_as_a_whole() -> None:
    assert moves("a.py", "def f(:\n  x = 1\n", "f", "x = 1", "x = 2")


def test_names_are_what_a_hint_can_offer() -> None:
    assert {"restore", "Store.put", "LIMIT"} <= names("service.py", SERVICE.encode())
    assert {"services.db", "services.db.image"} <= names("compose.yml", COMPOSE.encode())
