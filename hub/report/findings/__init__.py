"""The report of findings: what cross-checks found in a month, and what became of it."""
