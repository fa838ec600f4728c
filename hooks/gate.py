"""The gate: no site while a runbook breaks a rule. Under `mkdocs serve` it reports and lets the author go on.

BLACKSTART_BREAK_GLASS="reason" publishes all the same, and every page says so: gate and banner cannot be had apart.
"""

from blackstart.site import adapter

on_startup = adapter.note_command
on_config = adapter.prepare_banner
on_pre_build = adapter.gate
on_files = adapter.add_record
on_post_page = adapter.add_banner
on_post_template = adapter.add_banner_to_template
