"""Dump the shop's database."""

BUCKET = "shop-backups"


def take_backup(target: str) -> list[str]:
    """The command that writes a dump to `target`."""
    return ["pg_dump", "--format=custom", f"--file={target}", "shop"]
