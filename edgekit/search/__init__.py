"""Find the fastest artifact whose decisions stay inside a budget, by measuring."""
