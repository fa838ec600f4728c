"""`mkdocs serve --dirty` shows an edit at once: pages that would come out as they did are not made again."""

from blackstart.site import preview

on_startup = preview.note_command
on_files = preview.keep_unchanged
