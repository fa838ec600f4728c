"""The whole site without a server after one visit. `extra: {offline: false}` takes the copies away again."""

from blackstart.site import publish

on_config = publish.add_offline_script
on_page_content = publish.add_copy_line
on_post_build = publish.write_worker
