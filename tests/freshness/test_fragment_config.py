"""Fragments of infrastructure and shell files follow what they use and the file's settings, and nothing else."""

from __future__ import annotations

import pytest

import meanings
from blackstart.freshness.meaning import meaning, names

HCL = """\
# Backups of the orders database
terraform {
  required_version = ">= 1.6"
}

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "dr"
  region = "eu-west-1"
}

variable "region" { default = "eu-central-1" }

variable "retention_days" {
  type    = number
  default = 30
}

variable "colour" { default = "green" }

locals {
  prefix = "acme-${local.stage}"
  stage  = "prod"
  unused = "x"
  notes  = <<-EOT
    Keep for ${var.retention_days} days.
      Then delete.
  EOT
}

resource "aws_s3_bucket" "backups" {
  bucket = "${local.prefix}-orders-backups"
  tags = {
    team = "orders"
    tier = "gold"
  }
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_db_instance" "primary" {
  provider = aws.dr
  engine   = "postgres"
  bucket   = aws_s3_bucket.backups.id
  days     = var.retention_days
  zones    = [for z in ["a", "b"] : "${z}-1"]
  ingress {
    port = 5432
  }
  ingress {
    port = 6432
  }
}

moved {
  from = aws_db_instance.main
  to   = aws_db_instance.primary
}

data "aws_ami" "base" {
  owners = ["self", local.stage]
}

module "vpc" {
  source = "./vpc"
  cidr   = "10.0.0.0/16"
}

output "bucket" {
  value = aws_s3_bucket.backups.id
}

output "notes" {
  value = local.notes
}
"""
MAKE = """\
# Operator entry points
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
export PGHOST ?= db
include common.mk

DUMP ?= latest.dump
JOBS := 4
ARGS = --jobs $(JOBS) \\
       --dump $(DUMP)
COLOUR := green
BIN := bin/orders
SRCS := $(wildcard src/*.c)
OBJS := $(SRCS:.c=.o)
URL_prod := https://prod
URL_dev := https://dev
define announce
@echo "$(1) of $(DUMP)"
@echo done
endef

.PHONY: backup restore lint stop

backup: DUMP = nightly.dump
backup:
\t./scripts/backup.sh $(DUMP)

stop start: guard
\tsystemctl $@ orders

guard: ; @test -n "$$ORDERS_DB_URL"

restore: stop
\t# put it back
\tpython -m orders.restore $(ARGS) \\
\t\t--force
\tpsql "$$ORDERS_DB_URL" -c "ANALYZE  orders"
\t$(call announce,restore)
\t$(MAKE) migrate

migrate:
\talembic upgrade head

lint:
\truff check orders
\t@echo $(COLOUR)

ifeq ($(CI),1)
deploy: $(BIN)
\tcurl $(URL_$(ENV))
else
deploy:
\techo no
endif

$(BIN): $(OBJS)
\tcc -o $@ $^

%.o: %.c
\tcc -c $<

clean::
\trm -f a
clean::
\trm -f b
"""
SHELL = """\
#!/usr/bin/env bash
# Nightly dump
set -euo pipefail
cd "$(dirname "$0")"
export PATH=/opt/pg/bin:$PATH
. ./common.sh
trap cleanup EXIT

BUCKET="s3://orders"
KEEP=30
COLOUR=green
readonly REGION=eu-central-1
declare -a HOSTS=(db1 db2)

cleanup() {
  rm -f /tmp/orders.dump
}

log() { echo "upload of $*" >&2; }

paint() {
  # unused by the rest
  echo "$COLOUR"
}

configure() {
  TARGET="$BUCKET/$1"
  local KEEP=1
}

upload() {
  log start
  if [ -n "$1" ]; then
    aws s3 cp "$1" "$TARGET/$(date +%F)/orders.dump" --region "$REGION"
  fi
  cat <<EOF | mail ops
  kept   for $KEEP days
# not a comment
EOF
}

function everywhere {
  for host in "${HOSTS[@]}"; do ssh "$host" true; done
}

while [ $# -gt 0 ]; do
  case "$1" in
    --bucket) BUCKET="$2"; shift ;;
    *) exit 2 ;;
  esac
  shift
done

configure nightly
upload /tmp/orders.dump
"""
DOCKER = """\
# syntax=docker/dockerfile:1
# An image of the orders service
ARG PYTHON=3.12
FROM python:${PYTHON} AS base
ENV LANG=C.UTF-8 TZ="UTC"
RUN apt-get update \\
    # for psycopg
    && apt-get install -y libpq5

FROM base AS build
COPY requirements.txt .
RUN --mount=type=bind,from=tools,source=/bin,target=/tools pip install -r requirements.txt
RUN <<EOF
# in the script
make   wheel
EOF

FROM alpine:3 AS tools
RUN apk add make

FROM node:22 AS web
RUN npm ci && echo 'a  b'

FROM base
COPY --from=build /dist /dist
COPY --from=3 /web /web
CMD ["orders", "--port", "8080"]
"""
SYSTEMD = """\
# Managed by the platform team
[Unit]
Description=Orders  service
After=network-online.target

[Service]
User=orders
Environment=PORT=8080
ExecStartPre=/bin/true
ExecStartPre=/opt/orders/bin/migrate
ExecStart=/opt/orders/bin/orders \\
    # where
    --port ${PORT}
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""
INI = """\
[DEFAULT]
root = /srv

; the database
[database]
host = db
path = %(root)s/data
url = postgres://%(host)s

[logging]
level = INFO
handlers =
    console
    # not yet: syslog
    file
"""


def moves(path: str, text: str, fragment: str, old: str, new: str) -> bool:
    """Whether the change moves the meaning of a fragment that stands for less than the file."""
    assert (meaning(path, text.encode(), fragment) or b"").startswith(b"part\0"), "the fragment was not narrowed"
    return meanings.moves(path, text, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("aws_s3_bucket.backups", '"gold"', '"silver"'),
        ("aws_s3_bucket.backups", "prevent_destroy = true", "prevent_destroy = false"),
        ("aws_s3_bucket.backups", "-orders-backups", "-orders"),
        ("aws_s3_bucket.backups", '"acme-$', '"dr-$'),
        ("aws_s3_bucket.backups", '"prod"', '"dev"'),
        ("aws_s3_bucket.backups", '">= 1.6"', '">= 1.7"'),
        ("aws_s3_bucket.backups", '"eu-central-1"', '"eu-central-2"'),
        ("aws_s3_bucket.backups", '"eu-west-1"', '"eu-west-2"'),
        ("aws_s3_bucket.backups", "team = ", "squad = "),
        ("aws_db_instance.primary", "default = 30", "default = 7"),
        ("aws_db_instance.primary", "aws_s3_bucket.backups.id", "aws_s3_bucket.logs.id"),
        ("aws_db_instance.primary", "${z}-1", "${z}-2"),
        ("aws_db_instance.primary", '["a", "b"]', '["b", "a"]'),
        ("aws_db_instance.primary", "port = 5432", "port = 1"),
        (
            "aws_db_instance.primary",
            "port = 5432\n  }\n  ingress {\n    port = 6432",
            "port = 6432\n  }\n  ingress {\n    port = 5432",
        ),
        ("aws_db_instance.primary", "from = aws_db_instance.main", "from = aws_db_instance.old"),
        ("resource.aws_db_instance.primary", '"postgres"', '"mysql"'),
        ("data.aws_ami.base", '"self"', '"amazon"'),
        ("data.aws_ami.base", '"prod"', '"dev"'),
        ("module.vpc", "10.0.0.0/16", "10.1.0.0/16"),
        ("output.bucket", "backups.id", "backups.arn"),
        ("output.notes", "Then delete.", "Then keep."),
        ("output.notes", "      Then delete.", "    Then delete."),
        ("output.notes", "default = 30", "default = 7"),
        ("var.retention_days", "default = 30", "default = 7"),
        ("var.retention_days", "type    = number", "type    = string"),
        ("local.prefix", '"prod"', '"dev"'),
        ("locals", '"x"', '"y"'),
        ("provider.aws", '"eu-west-1"', '"eu-west-2"'),
        ("provider.aws.dr", '"eu-west-1"', '"eu-west-2"'),
        ("terraform", '">= 1.6"', '">= 1.7"'),
    ],
)
def test_hcl_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("main.tf", HCL, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("aws_s3_bucket.backups", '"postgres"', '"mysql"'),
        ("aws_s3_bucket.backups", '"green"', '"blue"'),
        ("aws_s3_bucket.backups", "default = 30", "default = 7"),
        ("aws_s3_bucket.backups", "unused = ", "other  = "),
        ("aws_s3_bucket.backups", "output", "# said elsewhere\noutput"),
        ("aws_s3_bucket.backups", '    team = "orders"\n    tier = "gold"', '    tier : "gold", "team" = "orders"'),
        ("aws_s3_bucket.backups", "tags = {", "tags={ // who pays"),
        ("aws_s3_bucket.backups", "prefix = ", "prefix    ="),
        ("aws_db_instance.primary", '"gold"', '"silver"'),
        ("aws_db_instance.primary", 'engine   = "postgres"', '\n  # which\n  engine = "postgres" # this'),
        ("aws_db_instance.primary", "var.retention_days\n", '"${ var.retention_days }"\n'),
        ("aws_db_instance.primary", '["a", "b"]', '[\n"a", /* b */\n  "b",\n]'),
        ("data.aws_ami.base", '"gold"', '"silver"'),
        ("module.vpc", "from = aws_db_instance.main", "from = aws_db_instance.old"),
        (
            "output.notes",
            "    Keep for ${var.retention_days} days.\n      Then",
            "  Keep for ${var.retention_days} days.\n    Then",
        ),
        ("output.bucket", '"gold"', '"silver"'),
        ("var.retention_days", '"green"', '"blue"'),
        ("local.prefix", '"x"', '"y"'),
    ],
)
def test_hcl_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("main.tf", HCL, fragment, old, new)


def test_hcl_names_are_its_definitions() -> None:
    known = names("main.tf", HCL.encode())
    assert {"aws_s3_bucket.backups", "data.aws_ami.base", "var.region", "local.stage", "module.vpc"} <= known
    assert not {"aws_db_instance.main", "aws_s3_bucket", "bucket", "engine"} & known


def test_variables_files_and_bake_files() -> None:
    variables = 'region = "eu"\nsize = 3\n'
    assert moves("prod.tfvars", variables, "size", "3", "4")
    assert not moves("prod.tfvars", variables, "size", '"eu"', '"us"')
    bake = 'variable "TAG" { default = "1" }\ntarget "api" { tags = ["shop:${TAG}"] }\ntarget "web" {}\n'
    assert moves("docker-bake.hcl", bake, "target.api", '"1"', '"2"')
    assert not moves("docker-bake.hcl", bake, "target.api", '"web" {}', '"web" { x = 1 }')


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("restore", "--force", "--clean"),
        ("restore", "restore: stop", "restore:"),
        ("restore", "JOBS := 4", "JOBS := 1"),
        ("restore", "JOBS := 4", "JOBS ?= 4"),
        ("restore", "--dump $(DUMP)", "--file $(DUMP)"),
        ("restore", "latest.dump", "newest.dump"),
        ("restore", "ANALYZE  orders", "ANALYZE orders"),
        ("restore", "@echo done", "@echo ready"),
        ("restore", "systemctl $@", "sudo systemctl $@"),
        ("restore", "start: guard", "start:"),
        ("restore", "test -n", "test -z"),
        ("restore", "upgrade head", "upgrade +1"),
        ("restore", "/bin/bash", "/bin/sh"),
        ("restore", "-euo pipefail", "-eu"),
        ("restore", ".DELETE_ON_ERROR:\n", ""),
        ("restore", ".DELETE_ON_ERROR:\n", ".DELETE_ON_ERROR:\n.ONESHELL:\n"),
        ("restore", "PGHOST ?= db", "PGHOST ?= replica"),
        ("restore", "export PGHOST", "PGHOST"),
        ("restore", "include common.mk", "-include common.mk"),
        ("restore", "COLOUR :=", "export COLOUR :="),
        ("restore", "COLOUR :=", "JOBS += 1\nCOLOUR :="),
        ("restore", "COLOUR :=", "unexport PGHOST\nCOLOUR :="),
        ("restore", "COLOUR :=", "$(eval JOBS := 9)\nCOLOUR :="),
        ("restore", "backup restore lint", "backup lint"),
        ("restore", "lint:\n", "restore: lint\nlint:\n"),
        ("restore", "lint:\n", "restore: JOBS = 2\nlint:\n"),
        ("restore", "\tpython", "\t-python"),
        ("backup", "nightly.dump", "daily.dump"),
        ("stop", "systemctl", "service"),
        ("deploy", "$(CI),1", "$(CI),2"),
        ("deploy", "echo no", "echo yes"),
        ("deploy", "https://prod", "https://live"),
        ("deploy", "https://dev", "https://test"),
        ("deploy", "cc -o", "ld -o"),
        ("deploy", "cc -c", "gcc -c"),
        ("deploy", "src/*.c", "lib/*.c"),
        ("deploy", "BIN := bin/orders", "BIN := bin/shop"),
        ("bin/orders", "cc -o", "ld -o"),
        ("$(BIN)", "cc -o", "ld -o"),
        ("%.o", "cc -c", "gcc -c"),
        ("clean", "rm -f b", "rm -f c"),
        ("clean", "clean::\n\trm -f a\nclean::\n\trm -f b", "clean::\n\trm -f b\nclean::\n\trm -f a"),
        ("ARGS", "JOBS := 4", "JOBS := 1"),
        ("announce", "@echo done", "@echo ready"),
        ("DUMP", "latest.dump", "newest.dump"),
    ],
)
def test_make_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("Makefile", MAKE, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("restore", "ruff check orders", "ruff check orders tests"),
        ("restore", "COLOUR := green", "COLOUR := blue"),
        ("restore", "backup restore lint", "lint restore backup fmt"),
        ("restore", "lint:\n", "fmt: lint\n\truff format\nlint:\n"),
        ("restore", "cc -o", "ld -o"),
        ("restore", "https://prod", "https://live"),
        ("restore", "nightly.dump", "daily.dump"),
        ("restore", "\t# put it back\n", "\n\t# and back\n\n"),
        ("restore", "# Operator entry points\n", ""),
        ("restore", "JOBS := 4", "JOBS   :=   4  # by the size of the machine"),
        ("restore", "JOBS) \\\n       --dump", "JOBS) --dump"),
        ("restore", "\\\n\t\t--force", "\\\n\t  --force"),
        ("restore", "restore: stop", "restore :   stop   # first"),
        ("restore", "upgrade head", "upgrade head # all"),
        ("stop", "stop start:", "stop start reload:"),
        ("backup", "upgrade head", "upgrade +1"),
        ("backup", "$(CI),1", "$(CI),2"),
        ("lint", "latest.dump", "newest.dump"),
        ("DUMP", "./scripts/backup.sh", "./scripts/dump.sh"),
    ],
)
def test_make_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("Makefile", MAKE, fragment, old, new)


def test_make_names_are_its_definitions() -> None:
    known = names("Makefile", MAKE.encode())
    assert {"restore", "start", "DUMP", "announce", "URL_prod", "%.o"} <= known
    assert not {"orders", "python", "common.mk", ".PHONY", "CI", "ENV"} & known
    assert not any("\0" in name for name in known)


GENERATED = """\
PROGRAMS = server worker
define program
$(1): $(1).go
\tgo build -o $(1)
endef
$(foreach one,$(PROGRAMS),$(eval $(call program,$(one))))
$(addprefix deploy-,$(PROGRAMS)): deploy-%:
\t./deploy $*
lint:
\ttrue
"""


@pytest.mark.parametrize("fragment", ["server", "deploy-worker", "lint"])
def test_make_targets_that_only_make_can_name_count_with_the_whole_file(fragment: str) -> None:
    before = meaning("Makefile", GENERATED.encode(), fragment)
    assert before is not None
    for old, new in (("go build", "go install"), ("./deploy", "./ship"), ("server worker", "server worker mail")):
        assert meaning("Makefile", GENERATED.replace(old, new).encode(), fragment) != before


def test_make_does_not_find_what_is_not_there() -> None:
    assert meaning("Makefile", MAKE.encode(), "deploy-all") is None
    assert meaning("Makefile", GENERATED.encode(), "release") is None


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("upload", "aws s3 cp", "aws s3 mv"),
        ("upload", "log start", "log begin"),
        ("upload", "upload of", "copy of"),
        ("upload", "kept   for", "kept for"),
        ("upload", "# not a comment", "# still not"),
        ("upload", "s3://orders", "s3://shop"),
        ("upload", "KEEP=30", "KEEP=7"),
        ("upload", "REGION=eu-central-1", "REGION=eu-west-1"),
        ("upload", '"$BUCKET/$1"', '"$BUCKET/all/$1"'),
        ("upload", "--bucket)", "--target)"),
        ("upload", "set -euo pipefail", "set -eu"),
        ("upload", "set -euo pipefail", "set -euo pipefail\numask 077"),
        ("upload", "/opt/pg/bin", "/usr/bin"),
        ("upload", ". ./common.sh", ". ./other.sh"),
        ("upload", 'cd "$(dirname "$0")"\n', ""),
        ("upload", "rm -f", "shred"),
        ("upload", "KEEP=30", "IFS=,\nKEEP=30"),
        ("upload", "KEEP=30", "KEEP=30\nKEEP=$((KEEP + 1))"),
        ("upload", "configure nightly", "upload() { true; }\nconfigure nightly"),
        ("everywhere", "db1 db2", "db1 db2 db3"),
        ("everywhere", "db1 db2", "db2 db1"),
        ("BUCKET", "s3://orders", "s3://shop"),
        ("BUCKET", "--bucket)", "--target)"),
        ("cleanup", "rm -f", "shred"),
    ],
)
def test_shell_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("backup.sh", SHELL, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("upload", "COLOUR=green", "COLOUR=blue"),
        ("upload", 'echo "$COLOUR"', 'echo "$COLOUR!"'),
        ("upload", "configure nightly", "configure weekly"),
        ("upload", "db1 db2", "db1 db2 db3"),
        ("upload", "exit 2 ;;", "exit 2 # usage\n    ;;"),
        ("upload", "# Nightly dump\n", "\n# Weekly dump\n\n"),
        ("upload", "; then\n    aws", "\n  then\n\n      aws"),
        ("upload", "  log start\n", "\tlog   start; # begin\n"),
        ("upload", '"$1" "$TARGET', '"$1" \\\n      "$TARGET'),
        ("upload", "upload() {", "upload ()\n{"),
        ("everywhere", "aws s3 cp", "aws s3 mv"),
        ("paint", "kept   for", "kept for"),
        ("KEEP", "aws s3 cp", "aws s3 mv"),
    ],
)
def test_shell_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("backup.sh", SHELL, fragment, old, new)


def test_shell_names_are_its_definitions() -> None:
    known = names("backup.sh", SHELL.encode())
    assert known == {
        *("cleanup", "log", "paint", "configure", "upload", "everywhere"),
        *("PATH", "BUCKET", "KEEP", "COLOUR", "REGION", "HOSTS"),
    }


def test_a_script_without_suffix_is_known_by_its_first_line() -> None:
    assert not moves("bin/backup", SHELL, "upload", "COLOUR=green", "COLOUR=blue")
    assert meaning("bin/backup", SHELL.encode(), "download") is None


def test_a_script_that_does_not_parse_counts_as_a_whole() -> None:
    broken = SHELL + "if then fi ((\n"
    before = meaning("backup.sh", broken.encode(), "upload")
    assert before is not None
    assert meaning("backup.sh", broken.replace("green", "blue").encode(), "upload") != before


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("build", "COPY requirements.txt .", "COPY requirements.txt /app/"),
        ("build", "PYTHON=3.12", "PYTHON=3.13"),
        ("build", "libpq5", "libpq-dev"),
        ("build", "make   wheel", "make wheel"),
        ("build", "# in the script", "# within the script"),
        ("build", "apk add make", "apk add cmake"),
        ("build", "docker/dockerfile:1", "docker/dockerfile:1-labs"),
        ("build", "FROM base AS build", "FROM alpine AS build"),
        ("4", '"8080"', '"9090"'),
        ("4", "make   wheel", "make dist"),
        ("4", "npm ci", "npm install"),
        ("4", "libpq5", "libpq-dev"),
        ("web", "'a  b'", "'a b'"),
        ("base", 'TZ="UTC"', 'TZ="CET"'),
        ("PYTHON", "PYTHON=3.12", "PYTHON=3.13"),
    ],
)
def test_docker_follows_what_is_used(fragment: str, old: str, new: str) -> None:
    assert moves("Dockerfile", DOCKER, fragment, old, new)


@pytest.mark.parametrize(
    ("fragment", "old", "new"),
    [
        ("build", '"8080"', '"9090"'),
        ("build", "node:22", "node:24"),
        ("build", "# An image of the orders service\n", "\n# An image\n"),
        ("build", "    # for psycopg\n", ""),
        ("build", "COPY requirements.txt .", "copy   requirements.txt   ."),
        ("build", "FROM base AS build", "from base as build"),
        ("build", 'TZ="UTC"', "TZ=UTC"),
        ("tools", "libpq5", "libpq-dev"),
        ("web", "make   wheel", "make dist"),
        ("4", '["orders", "--port", "8080"]', '[ "orders","--port",\\\n  "8080" ]'),
    ],
)
def test_docker_leaves_the_rest_alone(fragment: str, old: str, new: str) -> None:
    assert not moves("docker/Dockerfile.api", DOCKER, fragment, old, new)


def test_docker_names_are_its_stages_and_arguments() -> None:
    assert names("Dockerfile", DOCKER.encode()) == {"PYTHON", "base", "build", "tools", "web", *"01234"}
    assert meaning("Dockerfile", DOCKER.encode(), "release") is None


def test_a_stage_named_by_a_variable_may_be_any() -> None:
    text = "ARG V=a\nFROM x AS base-a\nFROM y AS base-b\nFROM base-${V} AS app\n"
    assert moves("Containerfile", text, "app", "FROM y", "FROM z")


@pytest.mark.parametrize(
    ("path", "text", "fragment", "old", "new"),
    [
        ("a.service", SYSTEMD, "Service", "User=orders", "User=root"),
        ("a.service", SYSTEMD, "Service", "true\nExecStartPre=", "true\nExecStartPre=-"),
        ("a.service", SYSTEMD, "Service", "--port", "--http"),
        ("a.service", SYSTEMD, "Service.ExecStart", "--port", "--http"),
        ("a.service", SYSTEMD, "Service.ExecStart", "PORT=8080", "PORT=9090"),
        ("a.service", SYSTEMD, "Service.ExecStartPre", "migrate", "check"),
        ("a.service", SYSTEMD, "Unit", "Orders  service", "Orders service"),
        ("a.service.d/b.conf", SYSTEMD, "Service", "--port", "--http"),
        ("a.ini", INI, "database", "host = db", "host = replica"),
        ("a.ini", INI, "database", "root = /srv", "root = /var"),
        ("a.ini", INI, "database.url", "host = db", "host = replica"),
        ("a.cfg", INI, "logging.handlers", "    file", "    mail"),
        ("a.conf", INI, "logging", "INFO", "DEBUG"),
        ("a.conf", "[a]\nb = 1\n[c]\nd = ${a:b}\n", "c.d", "b = 1", "b = 2"),
        ("tox.ini", "[a]\nb =\n  x\n[c]\nd =\n  {[a]b}\n", "c", "  x", "  y"),
        ("my.conf", "[user]\n\tname = a\n\tmail = b\n", "user.mail", "= b", "= c"),
    ],
)
def test_sections_follow_what_is_used(path: str, text: str, fragment: str, old: str, new: str) -> None:
    assert moves(path, text, fragment, old, new)


@pytest.mark.parametrize(
    ("path", "text", "fragment", "old", "new"),
    [
        ("a.service", SYSTEMD, "Service", "multi-user", "graphical"),
        ("a.service", SYSTEMD, "Service", "User=orders\n", "\nUser = orders\n; who\n\n"),
        ("a.service", SYSTEMD, "Service", "    # where\n    --port", "  --port"),
        ("a.service", SYSTEMD, "Service", "User=orders\nEnvironment=PORT=8080", "Environment=PORT=8080\nUser=orders"),
        ("a.service", SYSTEMD, "Service.ExecStart", "on-failure", "always"),
        ("a.service", SYSTEMD, "Service.User", "PORT=8080", "PORT=9090"),
        ("a.ini", INI, "database", "INFO", "DEBUG"),
        ("a.ini", INI, "database", "; the database\n", "\n# the store\n"),
        ("a.ini", INI, "database.url", "/data", "/files"),
        ("a.cfg", INI, "logging", "    # not yet: syslog\n", ""),
        ("a.conf", INI, "logging.level", "level = INFO", "level=INFO"),
        ("my.conf", "[user]\n\tname = a\n\tmail = b\n", "user.mail", "= a", "= c"),
    ],
)
def test_sections_leave_the_rest_alone(path: str, text: str, fragment: str, old: str, new: str) -> None:
    assert not moves(path, text, fragment, old, new)


def test_section_names() -> None:
    assert {"Service", "Service.ExecStart", "Install.WantedBy"} <= names("a.service", SYSTEMD.encode())
    assert {"database", "database.url", "logging.handlers"} <= names("a.ini", INI.encode())
    assert meaning("a.service", SYSTEMD.encode(), "Service.ExecStop") is None
    assert meaning("a.service", SYSTEMD.encode(), "Socket") is None


@pytest.mark.parametrize(
    "text",
    ["server {\n  listen 80;\n}\n", "port = 5432\nlisten = 80\n", "Host a\n  listen 80\n", "frontend a\n bind :80\n"],
)
def test_what_only_has_the_suffix_of_ini_counts_as_a_whole(text: str) -> None:
    before = meaning("a.conf", text.encode(), "listen" if "listen" in text else "bind")
    assert before is not None
    assert not before.startswith(b"part\0")
    assert meaning("a.conf", text.replace("80", "81").encode(), "") != meaning("a.conf", text.encode(), "")
