"""Rules about the form of a runbook."""
