"""The room of cross-checks and policies: it asks one question of what was published and pulled."""
