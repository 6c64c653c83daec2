"""What is checked: rules from contracts, compiled to one DuckDB pass or run on Great Expectations."""
