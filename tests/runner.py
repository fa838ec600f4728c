"""Runs the steps of a composite action as GitHub's runner would: environment, files, expressions, conditions."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_TOKEN = re.compile(r"'(?:[^']|'')*'|&&|\|\||==|!=|!|\(|\)|[\w.-]+")


@dataclass
class Runner:
    """One job. `event` is what GitHub writes into the event file; `uses` are the other actions that would have run."""

    action: Path
    workspace: Path
    temp: Path
    event: dict[str, Any]
    github: dict[str, str]
    inputs: dict[str, str]
    env: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    uses: list[str] = field(default_factory=list)
    log: str = ""

    def run(self, *, given: dict[str, dict[str, str]]) -> bool:
        """Every step whose condition holds, until one fails. `given` are outputs of other actions, by step id."""
        definition = yaml.safe_load((self.action / "action.yml").read_text())
        self.inputs = {name: str(one.get("default", "")) for name, one in definition["inputs"].items()} | self.inputs
        self.outputs |= given
        self._event_file.write_text(json.dumps(self.event))
        return all(self._step(step) for step in definition["runs"]["steps"])

    @property
    def summary(self) -> str:
        file = self.temp / "summary.md"
        return file.read_text() if file.exists() else ""

    @property
    def _event_file(self) -> Path:
        return self.temp / "event.json"

    def _step(self, step: dict[str, Any]) -> bool:
        if "if" in step and not self._value(step["if"]):
            return True
        if "uses" in step:
            self.uses.append(step["uses"])
            return True
        assert step["shell"] == "bash"
        environment = {name: self._text(str(value)) for name, value in step.get("env", {}).items()}
        files = {name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_ENV")}
        for file in files.values():
            file.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace / self._text(step.get("working-directory", ".")),
            env=self._environment() | {name: str(file) for name, file in files.items()} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.log += done.stdout + done.stderr
        self.env |= _pairs(files["GITHUB_ENV"])
        if "id" in step:
            self.outputs[step["id"]] = _pairs(files["GITHUB_OUTPUT"])
        return done.returncode == 0

    def _environment(self) -> dict[str, str]:
        own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return (
            own
            | self.env
            | {
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(self.action),
                "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_EVENT_PATH": str(self._event_file),
                "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
                "RUNNER_TEMP": str(self.temp),
                **{f"GITHUB_{name.upper()}": value for name, value in self.github.items()},
            }
        )

    def _text(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: str(self._value(found[1])), text)

    def _value(self, expression: str) -> Any:
        """An expression in the part of GitHub's language that the action uses."""
        words = {"&&": "and", "||": "or", "!": "not "}
        names: dict[str, Any] = {}

        def python(found: re.Match[str]) -> str:
            token = found[0]
            if token[0] == "'" or token in ("==", "!=", "(", ")"):
                return token
            if token in words:
                return f" {words[token]} "
            names[f"v{len(names)}"] = self._looked_up(token)
            return f"v{len(names) - 1}"

        source = _TOKEN.sub(python, _EXPRESSION.sub(r"\1", expression))
        return eval(source, {"__builtins__": {}}, names)  # noqa: S307 - our own action.yml

    def _looked_up(self, name: str) -> Any:
        context: Any = {
            "inputs": self.inputs,
            "github": {**self.github, "event": self.event},
            "steps": {step: {"outputs": outputs} for step, outputs in self.outputs.items()},
        }
        for part in name.split("."):
            context = context.get(part, "") if isinstance(context, dict) else ""
        return context


def _pairs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if line)
