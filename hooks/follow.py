"""Runbooks are followed: steps to tick off, commands to copy, variables, templates, lines in doubt marked."""

from blackstart.site import adapter

on_page_markdown = adapter.mark_lines
on_page_content = adapter.follow_runbook
on_files = adapter.add_follow_files
