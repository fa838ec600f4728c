"""Pages that no person writes and that span all runbooks: finder, alerts, status board, components, feed."""

from blackstart.site import spanning

on_config = spanning.add_templates
on_files = spanning.add_files
on_page_content = spanning.fill
on_post_template = spanning.fill_missing
