"""The gate: no site while a runbook breaks a rule. Under `mkdocs serve` it reports and lets the author go on."""

from blackstart.site import adapter

on_startup = adapter.note_command
on_pre_build = adapter.gate
