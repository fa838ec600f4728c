"""The theme's search has a page of its own, search/: elsewhere nothing of it is loaded."""

from mkdocs.plugins import CombinedEvent

from blackstart.site import publish

on_files = publish.add_search_page
on_page_context = CombinedEvent(publish.thin_for_search, publish.keep_search_off)
on_post_page = publish.turn_search_on
