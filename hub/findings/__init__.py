"""What people see and do of cross-checks and policies: lists, one finding in words, decisions."""
