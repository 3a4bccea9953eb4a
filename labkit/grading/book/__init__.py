"""What is kept: a record for each submission, the gradebook, the table."""
