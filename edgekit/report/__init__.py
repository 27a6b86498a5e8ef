"""What came of a project: one HTML page, the same table as Markdown and for a terminal."""
