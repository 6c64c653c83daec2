"""What was promised: contracts, code lists, departments, and the catalog that joins them."""
