"""A page says what no runbook covers. In `nav`, coverage.md stands for it."""

from blackstart.site import adapter

on_files = adapter.add_coverage
