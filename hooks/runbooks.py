"""The runbooks become pages, with indexes by kind and by component. In `nav`, their index page stands for them all."""

from blackstart.site import adapter

on_files = adapter.add_runbooks
on_page_markdown = adapter.complete_runbook
on_page_content = adapter.clean_runbook
