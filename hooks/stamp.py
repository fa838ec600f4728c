"""Every page says which commit it was built from and how far it can be trusted, to people and to machines."""

from blackstart.site import adapter

on_config = adapter.add_imprint
on_page_content = adapter.add_box
on_post_page = adapter.stamp
on_post_template = adapter.stamp_template
