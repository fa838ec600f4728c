"""Rules about what the team lets pass."""
