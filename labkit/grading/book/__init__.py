"""What is known of a class: the records, the gradebook with the marks, and the table of grades."""
