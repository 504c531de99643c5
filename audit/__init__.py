"""The append-only, hash-chained event log: what happened, who did it, and proof that nobody changed it since."""
