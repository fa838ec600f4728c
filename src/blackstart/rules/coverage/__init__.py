"""Rules about what no runbook speaks of."""
