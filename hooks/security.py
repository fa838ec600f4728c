"""A content security policy in every page, links that give nothing away, and headers for servers that read them."""

from blackstart.site import publish

on_config = publish.align_by_attribute
on_post_page = publish.harden
on_post_template = publish.harden_template
on_post_build = publish.write_headers
