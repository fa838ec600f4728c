"""Runbooks on paper: a style sheet for every page, and the binder, which holds all runbooks in one document."""

from blackstart.site import publish

on_files = publish.add_paper
on_page_markdown = publish.announce_binder
on_page_content = publish.keep_leaf
on_post_page = publish.link_print_style
on_post_build = publish.write_binder
