"""Fragments of Go, TypeScript, JavaScript, SQL and Markdown follow what they use in the file, and nothing else."""

from __future__ import annotations

import pytest

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


def moves(path: str, text: str, fragment: str, old: str, new: str) -> bool:
    """Whether the change moves the fragment's meaning. Both texts must have the fragment."""
    assert old in text
    before, after = meaning(path, text.encode(), fragment), meaning(path, text.replace(old, new, 1).encode(), fragment)
    assert before is not None
    assert after is not None
    return before != after


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
