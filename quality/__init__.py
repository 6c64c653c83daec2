"""What is checked: contracts' rules, in one DuckDB pass or on Great Expectations."""
