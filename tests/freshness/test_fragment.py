"""A fragment follows what it uses in the file, and nothing else."""

from __future__ import annotations

import json

import pytest

from blackstart.freshness.meaning import meaning, names
from meanings import moves

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
        self._name()

    def _name(self):
        self.name = "n"

    def __getattr__(self, name):
        return None

    def login(self):
        return self.token

    def called(self):
        return self.name

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
        ("Node.called", "        self._name()\n", ""),
        ("Node.called", '"n"', '"m"'),
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
        ("".join(f"def f{n}(): return f{n + 1}()\n" for n in range(10_000)), "f0"),
        ("".join(f"x.a{n} = f()\n" for n in range(10_000)) + "x = 1\n", "x"),
        ("class A:\n" + "".join(f" def m{n}(self): return self.m{n + 1}()\n" for n in range(10_000)), "A.m0"),
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


@pytest.mark.parametrize(
    ("path", "fragment", "one", "other", "equal"),
    [
        # The value itself
        ("a.yml", "b.x", "a: &a {x: 1}\nb:\n  <<: *a\n", "a: &a {x: 2}\nb:\n  <<: *a\n", False),
        ("a.yml", "b.x", "a: &a {x: 1}\nb:\n  <<: *a\n", "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n", True),
        ("a.yml", "b.x", "b: {x: 1, <<: {x: 2}}", "b: {x: 1, <<: {x: 3}}", True),
        ("a.yml", "b.x", "b: {<<: [{x: 1}, {x: 2}]}", "b: {<<: [{x: 3}, {x: 2}]}", False),
        ("a.yml", "", "a: {x: 1}\na: {x: 2}", "a: {x: 2}\na: {x: 1}", False),
        ("a.yml", "a.x", "a: {x: 1}\na: {x: 2}", "a: {x: 3}\na: {x: 2}", False),
        ("a.yml", "a", "a: null", "a: ~", True),
        ("a.yml", "a", "a: true", "a: True", True),
        ("a.yml", "a", "a: yes", "a: true", False),
        ("a.yml", "a", 'a: "true"', "a: true", False),
        ("a.yml", "a", "a: 1.0", "a: 1", False),
        ("a.yml", "a", "a: !Ref x", "a: !GetAtt x", False),
        ("a.yml", "b", "a: &a 1\nb: *a", "a: &c 1\nb: *c", True),
        ("a.yml", "l.x.v", "l: [{name: x, v: 1}, {name: x, v: 2}]", "l: [{name: x, v: 3}, {name: x, v: 2}]", False),
        ("a.yml", "l.1.v", "l: [{name: 1, v: 1}, {name: y, v: 2}]", "l: [{name: 1, v: 3}, {name: y, v: 2}]", False),
        ("a.json", "a", '{"a": 1.0}', '{"a": 1}', False),
        ("a.json", "a", '{"a": 1e3}', '{"a": 1000.0}', False),
        ("a.json", "a", '{"a": 12345678901234567890}', '{"a": 12345678901234567891}', False),
        ("a.json", "a", '{"a": 1, "a": 2}', '{"a": 2, "a": 1}', False),
        ("a.json", "a", '{"a": 1}', '{"a": "1"}', False),
        ("a.json", "a", '{"a": null}', '{"a": "None"}', False),
        ("a.json", "a", '{"a": {"x": 1, /* c */}, // d\n}', '{"a": {"x": 1}}', True),
        ("a.json", "a", '{"a": {"x": 1}, /* c */}', '{"a": {"x": 2}, /* c */}', False),
        ("a.json", "a", '{"a": ["// x,]"], }', '{"a": ["// y,]"], }', False),
        ("a.toml", "a.b", "a.b = 1\na.c = 2", "[a]\nb = 1\nc = 3", True),
        ("a.toml", "p.y.v", '[[p]]\nname="y"\nv=1', '[[p]]\nname="y"\nv=2', False),
        ("a.toml", "a", "a = 2026-01-01", 'a = "2026-01-01"', False),
        # What stands round it
        ("a.yml", "jobs.a", "on: [push]\njobs: {a: 1}", "on: [pull_request]\njobs: {a: 1}", False),
        ("a.yml", "build", "stages: [a, b]\nbuild: {x: 1}", "stages: [b, a]\nbuild: {x: 1}", False),
        ("a.yml", "build", ".b: {i: 1}\nbuild: {extends: .b}", ".b: {i: 2}\nbuild: {extends: .b}", False),
        ("a.yml", "build", ".b: {i: 1}\n.c: {i: 1}\nbuild: {extends: .b}", ".b: {i: 1}\nbuild: {extends: .b}", True),
        ("a.yml", "build", ".b: [x]\nbuild: [!reference [.b]]", ".b: [y]\nbuild: [!reference [.b]]", False),
        ("a.yml", "spec", "metadata: {name: a}\nspec: [1]", "metadata: {name: b}\nspec: [1]", False),
        ("a.yml", "spec", "metadata: {labels: {x: a}}\nspec: [1]", "metadata: {labels: {x: b}}\nspec: [1]", True),
        (
            "a.json",
            "scripts.x",
            '{"scripts": {"x": "npm run y", "y": "b"}}',
            '{"scripts": {"x": "npm run y", "y": "c"}}',
            False,
        ),
        (
            "a.json",
            "scripts.x",
            '{"version": "1", "scripts": {"x": "a"}}',
            '{"version": "2", "scripts": {"x": "a"}}',
            True,
        ),
        (
            "a.json",
            "scripts.x",
            '{"type": "module", "scripts": {"x": "a"}}',
            '{"type": "commonjs", "scripts": {"x": "a"}}',
            False,
        ),
    ],
)
def test_data(path: str, fragment: str, one: str, other: str, *, equal: bool) -> None:
    before, after = meaning(path, one.encode(), fragment), meaning(path, other.encode(), fragment)
    assert before is not None
    assert after is not None
    assert (before == after) == equal


@pytest.mark.parametrize(
    ("fragment", "service", "shared", "equal"),
    [
        ("services.a", "{volumes: [{type: volume, source: v, target: /x}]}", "volumes: {v: {driver: %s}}", False),
        ("services.a", "{secrets: [{source: s}]}", "secrets: {s: {file: %s}}", False),
        ("services.a", "{image: x}", "networks: {default: {driver: %s}}", False),
        ("services.a", "{networks: [n]}", "networks: {default: {driver: %s}, n: {}}", True),
        ("services.a", "{networks: {n: {aliases: [x]}}}", "networks: {n: {driver: %s}}", False),
        ("services.a", "{volumes: ['v:/x']}", "volumes: {w: {driver: %s}, v: {}}", True),
        ("services.a.volumes", "{volumes: ['v:/x']}", "volumes: {v: {driver: %s}}", False),
        ("services.a.image", "{image: x, volumes: ['v:/x']}", "volumes: {v: {driver: %s}}", True),
        ("services.a", "{extends: {service: b}}\n  b: {extends: c}\n  c: {image: %s}", "", False),
        ("services.a", "{depends_on: [b]}\n  b: {image: %s}", "", True),
    ],
)
def test_a_compose_service_follows_what_it_names(fragment: str, service: str, shared: str, *, equal: bool) -> None:
    text = f"services:\n  a: {service}\n{shared}\n"
    before, after = (meaning("compose.yml", (text % word).encode(), fragment) for word in ("one", "two"))
    assert before is not None
    assert (before == after) == equal


def test_a_path_into_an_alias_bomb_costs_no_more_than_its_text() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert meaning("bomb.yml", "\n".join(lines).encode(), "nothing") is None
    assert meaning("bomb.yml", "\n".join(lines).encode(), "a59.0.1") is not None


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"x": "a", "prex": "b"}, {"x": "a", "prex": "c"}, False),
        ({"x": "npm run y", "y": "b"}, {"x": "npm run y", "y": "c"}, False),
        ({"x": "a", "y": "b"}, {"x": "a", "y": "c"}, True),
    ],
)
def test_a_script_of_a_package_follows_those_that_it_runs(
    one: dict[str, str], other: dict[str, str], *, equal: bool
) -> None:
    texts = [json.dumps({"version": version, "scripts": scripts}) for version, scripts in (("1", one), ("2", other))]
    before, after = (meaning("package.json", text.encode(), "scripts.x") for text in texts)
    assert before is not None
    assert (before == after) == equal


def test_a_setting_of_a_package_counts_for_its_scripts() -> None:
    assert moves("package.json", '{"type": "module", "scripts": {"x": "a"}}', "scripts.x", "module", "commonjs")
