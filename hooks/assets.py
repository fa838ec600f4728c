"""Our style sheet, and the shim that makes search work from a folder: from this site, never from another host."""

from blackstart.site import adapter

on_config = adapter.add_assets
on_files = adapter.add_asset_files
