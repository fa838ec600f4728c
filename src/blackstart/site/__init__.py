"""The runbook site, made from a library and its report."""
