"""Fragments of Go, TypeScript, JavaScript, SQL and Markdown follow what they use in the file, and nothing else."""

from __future__ import annotations

from functools import partial

import pytest

import meanings
from blackstart.freshness.meaning import meaning, names

GO = """\
//go:build linux

// Package main serves orders.
package main

import (
	"embed"
	"fmt"
	"net/http"

	_ "github.com/lib/pq"
	redis "github.com/redis/go-redis/v9"
	"gopkg.in/yaml.v3"
)

//go:embed schema.sql
var schema string

var assets embed.FS

const Timeout = 30

const (
	Low = iota
	Middle
	High
)

const (
	Red  = "red"
	Blue = "blue"
)

var (
	retries = 3
	routes  = map[string]http.HandlerFunc{}
)

type Base struct{ id int }

func (b Base) ID() int { return b.id }

// Server serves.
type Server struct {
	Base
	addr  string
	store *Store
}

type Store struct{ client *redis.Client }

func (s *Store) Put(key string) error {
	return s.client.Set(key, limit(), 0).Err()
}

func (s *Store) Drop() { s.client.Del("all") }

type Handler interface {
	Handle(name string) error
}

func limit() int { return Timeout * 2 }

// Serve listens.
func (s *Server) Serve(n int) error {
	s.prepare()
	return http.ListenAndServe(s.addr, nil)
}

func (s *Server) prepare() { fmt.Println("ready", retries) }

func (s *Server) Register() { http.Handle("/", s) }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { w.Write([]byte(schema)) }

func (s *Server) Save() error { return s.store.Put("x") }

func Load(raw []byte) (out Server, err error) {
	err = yaml.Unmarshal(raw, &out)
	return
}

func Slow() { retries = 9 }

func Map[K comparable](in []K) int { return len(in) }

func init() { routes["/"] = nil }
"""


moves = partial(meanings.moves, count=1)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("Load", "yaml.Unmarshal(raw", "yaml.Unmarshal(nil"),
        ("Load", "gopkg.in/yaml.v3", "gopkg.in/yaml.v2"),
        ("Load", "linux", "windows"),
        ("Load", "package main", "package other"),
        ("Load", "lib/pq", "lib/mysql"),
        ("Load", 'routes["/"] = nil', 'routes["/"] = http.NotFound'),
        ("Load", "addr  string", "addr  []byte"),
        ("Load", "w.Write([]byte(schema))", "w.Write(nil)"),
        ("limit", "Timeout = 30", "Timeout = 60"),
        ("Timeout", "Timeout = 30", "Timeout = 60"),
        ("Low", "\tMiddle\n", "\tMiddle\n\tUpper\n"),
        ("High", "Low = iota", "Low = iota + 1"),
        ("Red", '"red"', '"crimson"'),
        ("schema", "go:embed schema.sql", "go:embed other.sql"),
        ("assets", "embed.FS", "embed.File"),
        ("retries", "retries = 9", "retries = 10"),
        ("Server.Serve", "s.addr, nil", "s.addr, routes"),
        ("Server.Serve", 'fmt.Println("ready"', 'fmt.Println("steady"'),
        ("Server.Serve", "retries = 3", "retries = 5"),
        ("Server.Serve", "addr  string", "addr  []byte"),
        ("Server.Serve", "return b.id", "return 0"),
        ("Server.Serve", "(s *Server) Serve(", "(s Server) Serve("),
        ("(*Server).Serve", "s.addr, nil", "s.addr, routes"),
        ("Server.Register", "[]byte(schema)", "nil"),
        ("Server.Register", "schema.sql", "other.sql"),
        ("Server.Save", "limit(), 0)", "limit(), 1)"),
        ("Server.Save", "Timeout = 30", "Timeout = 60"),
        ("Server", 'Put("x")', 'Put("y")'),
        ("Server", "// Serve listens.\nfunc", "func (s *Server) Stop() {}\n\n// Serve listens.\nfunc"),
        ("Server.addr", "addr  string", "addr  []byte"),
        ("Handler", "Handle(name string)", "Handle(name, kind string)"),
        ("Handler.Handle", "Handle(name string)", "Handle(name, kind string)"),
        ("Map", "len(in)", "cap(in)"),
        ("Store.Drop", "redis/go-redis/v9", "redis/go-redis/v8"),
    ],
)
def test_go_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("main.go", GO, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("limit", "retries = 9", "retries = 10"),
        ("limit", "len(in)", "cap(in)"),
        ("limit", "// Package main serves orders.", "// Package main sells."),
        ("limit", "// Serve listens.", "// Serve listens on addr."),
        ("limit", "go-redis/v9", "go-redis/v8"),
        ("limit", "gopkg.in/yaml.v3", "gopkg.in/yaml.v2"),
        ("limit", "schema.sql", "other.sql"),
        ("limit", "func limit() int { return Timeout * 2 }", "func limit() int {\n\t// twice\n\treturn Timeout * 2\n}"),
        ("limit", "func Slow()", "func Fast() {}\n\nfunc Slow()"),
        ("Low", '"red"', '"crimson"'),
        ("Low", "Timeout = 30", "Timeout = 60"),
        ("Red", '"blue"', '"navy"'),
        ("Timeout", "return Timeout * 2", "return Timeout"),
        ("Server.Serve", "[]byte(schema)", "nil"),
        ("Server.Serve", 'Del("all")', 'Del("none")'),
        ("Server.Serve", 'Put("x")', 'Put("y")'),
        ("Server.Serve", "routes  =", "routes ="),
        ("Store", 'Println("ready"', 'Println("steady"'),
        ("Base", 'Put("x")', 'Put("y")'),
        ("Server.Serve", "Low = iota", "Low = iota + 1"),
    ],
)
def test_go_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("main.go", GO, fragment, old, new)


def test_go_names() -> None:
    found = names("main.go", GO.encode())
    assert {"Load", "Server", "Server.Serve", "Server.addr", "Handler.Handle", "Low", "retries", "schema"} <= found
    assert not {"fmt", "_", "init", "main"} & found


@pytest.mark.parametrize("fragment", ["nothing", "Server.Nothing", "(*Store).Serve", "fmt", "init", "type Server"])
def test_go_does_not_resolve_what_is_not_there(fragment: str) -> None:
    assert meaning("main.go", GO.encode(), fragment) is None


TS = """\
"use strict";
import "./polyfill";
import axios, { type AxiosError, isAxiosError as failed } from "axios";
import * as fs from "node:fs";
import type { Order } from "./types";

axios.defaults.baseURL = "https://orders";
dotenv.config();

export const TIMEOUT = 30, COLOUR = "green";
export enum State { Open = "open", Closed = "closed" }
export type Row = { id: number; state: State };
interface Options extends Base { retries?: number }
interface Base { verbose: boolean }
let level = 1;
const cache: Record<string, Row> = {};
cache.first = initial();
function initial(): Row { return { id: 1, state: State.Open }; }

const double = (n: number) => n * 2;

/** Restores. */
export async function restore(path: string, options: Options = {}): Promise<void> {
  const text = fs.readFileSync(path);
  await axios.post(`/restore/${TIMEOUT}`, text);
}

export function badge() { return `colour ${COLOUR}`; }
export function lookup(key: string) { return cache[key]; }
export function raise() { level += 1; }
export const read = () => level;

class Root { protected log(): void { console.log("root"); } }

@sealed(COLOUR)
export class Store extends Root {
  private url = "http://x";
  static count = 0;
  static { Store.count = 5; }
  constructor(private readonly name: string) { super(); this.token = make(name); }
  token: string;
  @retry(double(2)) put(key: string) { return this.send(key); }
  private send(key: string) { return fs.appendFileSync(this.url, key); }
  get colour() { return "red"; }
  login() { return this.token; }
  title() { return this.name; }
  register() { hub.add(this); }
}
function make(name: string) { return name + "!"; }
Store.prototype.late = function () { return 1; };

export default restore;
export { double as twice };
app.get("/badge", badge);

if (require.main === module) { restore("x"); }
"""

JS = """\
'use strict'
const express = require('express')
const { Pool, types: kinds } = require('pg')
const app = express()
const pool = new Pool()
app.use(express.json())
app.get('/orders', list)

async function list(req, res) {
  res.json(await pool.query(sql()))
}
function sql() { return 'select 1' }
exports.add = (a, b) => a + b
exports.twice = a => exports.add(a, a)
module.exports.host = 'localhost'
const Panel = ({ title }) => <div className="x">Hello {title}</div>
const api = { get() { return 1 }, put: () => 2 }
function Old() {}
Old.prototype.run = function () { return this.x }
Old.limit = 3
"""


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("restore", "readFileSync(path)", "readFileSync(text)"),
        ("restore", "/restore/", "/put/"),
        ("restore", "TIMEOUT = 30", "TIMEOUT = 60"),
        ("restore", "retries?: number", "retries: number"),
        ("restore", "verbose: boolean", "verbose: string"),
        ("restore", 'from "axios"', 'from "other"'),
        ("restore", "import axios", "import type axios"),
        ("restore", "https://orders", "http://orders"),
        ("restore", './polyfill"', './other"'),
        ("restore", '"use strict";\n', ""),
        ("restore", "dotenv.config()", "dotenv.load()"),
        ("restore", "export default restore", "export default badge"),
        ("restore", "export async function restore", "async function restore"),
        ("default", "readFileSync(path)", "readFileSync(text)"),
        ("twice", "n * 2", "n * 3"),
        ("double", "double as twice", "double as pair"),
        ("badge", '"green"', '"blue"'),
        ("badge", "`colour ", "`color "),
        ("badge", '"/badge"', '"/label"'),
        ("lookup", "id: 1,", "id: 2,"),
        ("lookup", "cache.first = initial()", "cache.first = null"),
        ("Row", "id: number", "id: string"),
        ("Row", '"open"', '"new"'),
        ("State", '"open"', '"new"'),
        ("State.Open", '"open"', '"new"'),
        ("Options", "verbose: boolean", "verbose: string"),
        ("read", "level += 1", "level += 2"),
        ("read", "let level = 1", "let level = 2"),
        ("Store", '"red"', '"blue"'),
        ("Store", "return 1; };", "return 2; };"),
        ("Store", "@sealed(COLOUR)", "@sealed(1)"),
        ("Store", '"green"', '"blue"'),
        ("Store.put", "this.send(key)", "this.send(1)"),
        ("Store.put", "http://x", "http://y"),
        ("Store.put", "double(2)", "double(3)"),
        ("Store.put", "n * 2", "n * 3"),
        ("Store.put", '"root"', '"base"'),
        ("Store.put", "extends Root", "extends Root2"),
        ("Store.put", "Store.count = 5", "Store.count = 6"),
        ("Store.login", "make(name)", "make(1)"),
        ("Store.login", '"!"', '"?"'),
        ("Store.title", "private readonly name", "private name"),
        ("Store.register", '"red"', '"blue"'),
        ("Store.late", "return 1; };", "return 2; };"),
        ("Store.count", "count = 0", "count = 1"),
    ],
)
def test_typescript_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("store.ts", TS, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("restore", '"green"', '"blue"'),
        ("restore", "isAxiosError as failed", "isAxiosError as broken"),
        ("restore", "Restores.", "Restores the database."),
        ("restore", "return cache[key]", "return null"),
        ("restore", "n * 2", "n * 3"),
        ("restore", '"/badge"', '"/label"'),
        ("restore", 'restore("x")', 'restore("y")'),
        ("restore", 'import "./polyfill";', "import './polyfill'"),
        ("restore", '"http://x"', '"http://y"'),
        ("TIMEOUT", '"green"', '"blue"'),
        ("lookup", "n * 2", "n * 3"),
        ("Store.put", '"red"', '"blue"'),
        ("Store.put", "make(name)", "make(1)"),
        ("Store.login", "http://x", "http://y"),
        ("Store.put", "return this.token", "return 1"),
        ("Store.put", "TIMEOUT = 30", "TIMEOUT = 60"),
        ("Root", '"red"', '"blue"'),
        ("State", "id: number", "id: string"),
    ],
)
def test_typescript_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("store.ts", TS, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("list", "select 1", "select 2"),
        ("list", "'/orders'", "'/all'"),
        ("list", "require('pg')", "require('mysql')"),
        ("list", "new Pool()", "new Pool(1)"),
        ("app", "select 1", "select 2"),
        ("app", "express.json()", "express.text()"),
        ("twice", "a + b", "a - b"),
        ("add", "a + b", "a - b"),
        ("host", "localhost", "db"),
        ("Panel", "Hello ", "Bye "),
        ("Panel", '"x"', '"y"'),
        ("api.get", "return 1 }", "return 3 }"),
        ("Old.run", "this.x", "this.y"),
        ("Old", "limit = 3", "limit = 4"),
        ("kinds", "types: kinds", "other: kinds"),
    ],
)
def test_javascript_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("app.js", JS, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("list", "a + b", "a - b"),
        ("list", "Hello ", "Bye "),
        ("add", "select 1", "select 2"),
        ("add", "localhost", "db"),
        ("host", "a + b", "a - b"),
        ("sql", "a + b", "a - b"),
        ("list", "express.json()", "express.text()"),
    ],
)
def test_javascript_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("app.js", JS, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("A.read", "this.fill()", "this.skip()"),
        ("A.read", "y = 1", "y = 2"),
        ("A.read", "late: 1", "late: 2"),
        ("B", "B: 1", "B: 2"),
        ("C", "C = 1", "C = 2"),
        ("inner", "return 5", "return 6"),
        ("run", "return 7", "return 8"),
        ("Panel", "@jsx h", "@jsx g"),
        ("A.read", '"node"', '"bun"'),
    ],
)
def test_javascript_has_no_way_round(fragment: str, old: str, new: str) -> None:
    text = """\
/** @jsx h */
/// <reference types="node" />
class A { constructor() { this.fill(); } fill() { this.x = 1; } read() { return this.x; } other() {} }
A.prototype.y = 1;
Object.assign(A.prototype, { late: 1 });
let B;
({ B } = make());
function make() { return { B: 1 }; }
if (a) { var C = 1; function inner() { return 5; } }
module.exports = { run() { return 7; }, A };
const Panel = () => <a/>;
"""
    assert moves("hard.jsx", text, fragment, old, new)
    assert not moves("hard.jsx", text, "A.read", "other() {}", "other() { x(); }")


def test_typescript_names() -> None:
    found = names("store.ts", TS.encode())
    assert {"restore", "default", "twice", "Store.put", "State.Open", "Row.id", "Options.retries", "TIMEOUT"} <= found
    assert not {"axios", "text", "restore.text"} & found
    assert {"list", "app", "add", "host", "api.get", "Old.run", "Pool"} <= names("app.js", JS.encode())


@pytest.mark.parametrize("fragment", ["nothing", "Store.nothing", "axios", "text"])
def test_typescript_does_not_resolve_what_is_not_there(fragment: str) -> None:
    assert meaning("store.ts", TS.encode(), fragment) is None


SQL = """\
-- orders
\\connect shop
SET search_path TO shop, public;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TYPE order_status AS ENUM ('open', 'closed');
CREATE TABLE customers (id bigint PRIMARY KEY, email text);
CREATE TABLE IF NOT EXISTS public.orders (
  id uuid DEFAULT gen_random_uuid(),
  customer bigint REFERENCES customers (id) ON DELETE CASCADE,
  status order_status NOT NULL,
  total integer CHECK (valid(total))
);
CREATE UNIQUE INDEX orders_customer ON orders USING btree (customer) WHERE total > 0;
CREATE INDEX ON ONLY orders (status);
ALTER TABLE ONLY orders ADD COLUMN note text, ALTER total SET NOT NULL;
COMMENT ON COLUMN orders.note IS 'free text';
GRANT SELECT, INSERT (id) ON TABLE public.orders, customers TO app;
INSERT INTO orders VALUES ('a;b', 1);
COPY customers (id, email) FROM stdin;
1\tone;two
2\tcreate table orders
\\.
CREATE FUNCTION valid(n integer) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
  -- positive
  RETURN n > 0;
END;
$body$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpython3u AS $$
  return "a  b"  # not SQL
$$;
CREATE TRIGGER touched BEFORE UPDATE OF total ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own ON orders USING (customer = 1);
CREATE VIEW totals AS SELECT sum(total) FROM orders;
CREATE MATERIALIZED VIEW daily AS SELECT * FROM totals;
DO $$ BEGIN EXECUTE 'alter table orders set (fillfactor = 70)'; END $$;
CREATE TABLE logs (at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE SEQUENCE log_ids OWNED BY logs.at;
ALTER TABLE logs RENAME TO journal;
CREATE TABLE "Mixed" (a int);
CREATE PROCEDURE tidy() BEGIN ATOMIC DELETE FROM logs; SELECT CASE WHEN true THEN 1 END; END;
CREATE TABLE last (a int);
COMMIT;
"""


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("table orders", "total integer", "total bigint"),
        ("table orders", "ON DELETE CASCADE", "ON DELETE RESTRICT"),
        ("table orders", "'closed'", "'shut'"),
        ("table orders", "btree (customer)", "btree (total)"),
        ("table orders", "(status);", "(status, id);"),
        ("table orders", "note text", "note varchar"),
        ("table orders", "'free text'", "'remark'"),
        ("table orders", "GRANT SELECT", "GRANT UPDATE"),
        ("table orders", "'a;b'", "'a;c'"),
        ("table orders", "n > 0", "n >= 0"),
        ("table orders", '"a  b"', '"a b"'),
        ("table orders", "UPDATE OF total", "UPDATE OF note"),
        ("table orders", "customer = 1", "customer = 2"),
        ("table orders", "fillfactor = 70", "fillfactor = 80"),
        ("table orders", "shop, public", "public"),
        ("table orders", "connect shop", "connect store"),
        ("table orders", "pgcrypto", "uuid-ossp"),
        ("table orders", "BEGIN;\nCREATE", "CREATE"),
        ("orders", "total integer", "total bigint"),
        ("TABLE Orders", "total integer", "total bigint"),
        ("table public.orders", "total integer", "total bigint"),
        ("table public.orders", "'a;b'", "'a;c'"),
        ("public.orders", "note text", "note varchar"),
        ("table customers", "one;two", "one;three"),
        ("table customers", "customers TO app", "customers TO web"),
        ("function valid", "n > 0", "n >= 0"),
        ("function valid", "plpgsql", "sql"),
        ("function touch", "# not SQL", "# never"),
        ("index orders_customer", "btree (customer)", "hash (customer)"),
        ("index orders_customer", "total integer", "total bigint"),
        ("trigger touched", '"a  b"', '"a b"'),
        ("type order_status", "'closed'", "'shut'"),
        ("view totals", "sum(total)", "max(total)"),
        ("view totals", "total integer", "total bigint"),
        ("view daily", "sum(total)", "max(total)"),
        ("materialized view daily", "SELECT * FROM", "SELECT 1 FROM"),
        ("table logs", "2027-01-01", "2028-01-01"),
        ("table logs", "OWNED BY logs.at", "OWNED BY NONE; SELECT 'logs'"),
        ("table journal", "at timestamptz", "at date"),
        ("table Mixed", "a int", "a text"),
        ('table "Mixed"', "a int", "a text"),
        ("procedure tidy", "THEN 1", "THEN 2"),
        ("procedure tidy", "FROM logs; S", "FROM logs WHERE true; S"),
        ("table last", "last (a int)", "last (a text)"),
    ],
)
def test_sql_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("schema.sql", SQL, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("table orders", "email text", "email varchar"),
        ("table orders", "one;two", "one;three"),
        ("table orders", "sum(total)", "max(total)"),
        ("table orders", "-- orders", "-- the orders"),
        ("table orders", "-- positive", "-- more than nothing"),
        ("table orders", "at timestamptz", "at date"),
        ("table orders", "total integer CHECK", "TOTAL   Integer check"),
        ("table customers", "total integer", "total bigint"),
        ("table customers", "'a;b'", "'a;c'"),
        ("view totals", "'a;b'", "'a;c'"),
        ("view totals", "btree (customer)", "btree (total)"),
        ("type order_status", "total integer", "total bigint"),
        ("function valid", "total integer", "total bigint"),
        ("table last", "THEN 1", "THEN 2"),
        ("table last", "fillfactor = 70", "fillfactor = 80"),
    ],
)
def test_sql_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("schema.sql", SQL, fragment, old, new)


@pytest.mark.parametrize("fragment", ["table nothing", "view orders_customer", "email", "table valid", "table", ""])
def test_sql_does_not_resolve_what_is_not_there(fragment: str) -> None:
    text = "CREATE TABLE orders (email text); CREATE INDEX orders_customer ON orders (email);"
    text += "CREATE FUNCTION valid() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;"
    assert (meaning("schema.sql", text.encode(), fragment) is None) == bool(fragment)


def test_sql_names() -> None:
    found = names("schema.sql", SQL.encode())
    assert {"orders", "table orders", "view totals", "materialized view daily", "function valid"} <= found
    assert not {"email", "total", "'a;b'", "view orders"} & found


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE orders ADD COLUMN x int",
        "CREATE INDEX i ON shop.orders (x)",
        "INSERT INTO orders VALUES (1)",
        "DO $$ BEGIN ALTER TABLE orders ADD x int; END $$",
        "SELECT setval('orders', 1)",
        "WITH old AS (SELECT 1) UPDATE orders SET x = 1",
        "DELETE o FROM orders o JOIN x USING (id)",
        "DELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW BEGIN SET @x = 1; END //\nDELIMITER ;",
        "ALTER TABLE old_orders RENAME TO orders",
        "DROP TABLE IF EXISTS items, orders CASCADE",
        "COMMENT ON TRIGGER t ON orders IS 'x'",
        "CREATE RULE r AS ON INSERT TO orders DO ALSO (SELECT 1; SELECT 2)",
        "REVOKE ALL ON orders FROM app",
        "ALTER SEQUENCE s OWNED BY orders.id",
        "VACUUM FULL orders",
    ],
)
def test_a_migration_is_about_the_objects_that_it_changes(statement: str) -> None:
    before = f"CREATE TABLE other (id int);\n{statement};\nCREATE TABLE more (id int);\n"
    after = before.replace("orders", "orders2")
    assert meaning("m.sql", before.encode(), "table orders") is not None
    assert meaning("m.sql", before.encode(), "table orders") != meaning("m.sql", after.encode(), "table orders2")
    assert not moves("m.sql", before, "table orders", "more (id", "more (x")
    assert not moves("m.sql", before, "table more", statement, "SELECT 1")


def test_comments_that_tools_obey_count_in_sql() -> None:
    goose = "-- +goose Up\nCREATE TABLE orders (id int);\n-- +goose Down\nDROP TABLE orders;\n"
    assert moves("m.sql", goose, "table orders", "-- +goose Down\n", "")
    queries = "-- name: GetOrder :one\nSELECT 1;\n-- name: ListOrders :many\nSELECT 2;\n"
    assert moves("q.sql", queries, "getorder", ":one", ":exec")
    assert moves("q.sql", queries, "GetOrder", "SELECT 1", "SELECT 3")
    assert not moves("q.sql", queries, "GetOrder", "SELECT 2", "SELECT 3")


def test_sql_publications_belong_to_their_tables() -> None:
    text = "CREATE TABLE orders (id int); CREATE PUBLICATION p FOR TABLE x, orders;"
    assert moves("m.sql", text, "table orders", "PUBLICATION p", "PUBLICATION q")


def test_sql_batches_are_parted_by_go() -> None:
    text = "CREATE TABLE a (x int)\nGO\nCREATE TABLE b (y int)\ngo\n"
    assert moves("m.sql", text, "table b", "y int", "y text")
    assert not moves("m.sql", text, "table b", "x int", "x text")


MARKDOWN = """\
---
title: Orders
---
# Orders

Intro [wiki][Wiki].

## Set up *now* & here

Do `make`.[^1]

```sh
## not a heading
```

### Step

One

Restore
-------

Text.

## Étape `deux`

Oui.

## Step

Again.

## Links

[wiki]: https://wiki.example
[^1]: A note
    that goes on.
"""


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("orders", "Again.", "Once more."),
        ("orders", "wiki.example", "wiki.test"),
        ("set-up-now-here", "Do `make`", "Do `tox`"),
        ("set-up-now--here", "## not a heading", "## no heading"),
        ("Set up now & here", "One", "Two"),
        ("set-up-now-here", "that goes on", "that ends"),
        ("set-up-now-here", "### Step", "#### Step"),
        ("step", "One", "Two"),
        ("step_1", "Again.", "Once more."),
        ("step-1", "Again.", "Once more."),
        ("restore", "Text.", "Text!"),
        ("restore", "Text.", "Text.\n\n    code"),
        ("étape-deux", "Oui", "Non"),
        ("etape-deux", "Oui", "Non"),
        ("Étape deux", "Oui", "Non"),
    ],
)
def test_markdown_follows_a_section(fragment: str, old: str, new: str) -> None:
    assert moves("orders.md", MARKDOWN, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("set-up-now-here", "Text.", "Text!"),
        ("set-up-now-here", "wiki.example", "wiki.test"),
        ("set-up-now-here", "title: Orders", "title: Shop"),
        ("step", "Again.", "Once more."),
        ("restore", "Text.\n", "Text.  \n\n"),
        ("restore", "that goes on", "that ends"),
    ],
)
def test_markdown_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("orders.md", MARKDOWN, fragment, old, new)


@pytest.mark.parametrize("fragment", ["nothing", "not-a-heading", "title: Orders", "make"])
def test_markdown_does_not_resolve_what_is_not_there(fragment: str) -> None:
    assert meaning("orders.md", MARKDOWN.encode(), fragment) is None
