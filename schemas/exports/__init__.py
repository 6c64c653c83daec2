"""What other systems read, generated from the contracts alone: same catalog, same bytes."""
