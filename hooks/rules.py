"""Every rule gets a reference page, made from its docstring. In `nav`, rules/index.md stands for them all."""

from blackstart.site import adapter

on_files = adapter.add_rules
