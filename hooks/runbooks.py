"""The runbooks become pages, with indexes by kind and by component. In `nav`, their index page stands for them all."""

from blackstart.site import adapter, navigation

on_files = adapter.add_runbooks
on_nav = navigation.note_long_sections
on_page_markdown = adapter.complete_runbook
on_page_content = adapter.clean_runbook
on_page_context = navigation.shorten
