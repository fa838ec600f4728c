"""The theme's style sheets without what no page uses: they decide when a page can be read over a bad network."""

from blackstart.site import publish

on_post_page = publish.note_words
on_post_template = publish.note_template_words
on_post_build = publish.slim_styles
