"""Why an artifact decides otherwise than the student it was built from."""
