"""A site of many runbooks is rendered by all cores."""

from blackstart.site import ahead

on_nav = ahead.render_ahead
on_env = ahead.end
on_build_error = ahead.abandon
