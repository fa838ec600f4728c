"""What is deployed speaks of what exists."""

import re
from pathlib import Path

import pytest
import yaml

import pennant as package

from .conftest import Cli, Served

HOME = Path(package.__file__).parent
DEPLOY = HOME / "deploy"


def test_alerts_ask_about_metrics_that_exist(api: Served, pennant: Cli) -> None:
    assert pennant("backup", "take").code == 0
    exported = set(re.findall(r"^(\w+)", api.http.get("/metrics").text, re.MULTILINE))
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"\bpennant_\w+", rule["expr"])}
    assert asked <= exported
    for rule in rules:
        assert rule["annotations"]["runbook_url"] == f"https://runbooks.example.com/alerts/{rule['alert']}/"


def test_deployed_settings_exist() -> None:
    known = set(re.findall(r'"(PENNANT_\w+|DATABASE_URL|VALKEY_URL)"', (HOME / "settings.py").read_text()))
    for file in ("compose.yml", "Dockerfile", "systemd/pennant.env", "systemd/backup.env"):
        used = set(re.findall(r"\b(?:PENNANT_[A-Z_]+|DATABASE_URL|VALKEY_URL)", (DEPLOY / file).read_text()))
        assert used <= known, file


@pytest.mark.parametrize("file", ["compose.yml", "Dockerfile", *sorted(p.name for p in (DEPLOY / "systemd").iterdir())])
def test_deployed_commands_exist(pennant: Cli, file: str) -> None:
    path = DEPLOY / file if (DEPLOY / file).exists() else DEPLOY / "systemd" / file
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    for words in re.findall(r"(?<!/)\bpennant((?: [a-z]+){1,2})", "\n".join(lines)):
        command = [w for w in words.split() if w in COMMANDS]
        if command:
            assert pennant(*command, "--help").code == 0


COMMANDS = {"migrate", "serve", "health", "backup", "take", "verify", "list", "wal", "base"}
