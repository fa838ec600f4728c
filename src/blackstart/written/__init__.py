"""Text that people write (YAML, Markdown), read once with line and column."""
