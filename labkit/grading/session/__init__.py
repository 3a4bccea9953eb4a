"""One grading run: what is to be graded, by whom and when, and what need not be graded again."""
