"""The theme's style sheets without what no page uses; a runbook has what it needs first in itself."""

from blackstart.site import style

on_config = style.leave_colours_to_theme
on_post_page = style.note_words
on_post_template = style.note_template_words
on_post_build = style.fit_styles
