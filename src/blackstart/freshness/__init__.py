"""Freshness: what a runbook covers, what it means, and who last vouched for it."""
