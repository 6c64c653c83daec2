"""The rooms: extract, land, check, reconcile, publish, deliver; and what they share."""
