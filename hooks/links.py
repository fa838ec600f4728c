"""Relative links mean in the site what they mean on the git host; `extra.source_url` says where code is shown."""

from blackstart.site import adapter

on_config = adapter.add_links
on_files = adapter.settle_addresses
on_page_markdown = adapter.point_links
