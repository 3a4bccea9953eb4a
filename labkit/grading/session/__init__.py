"""One grading run: what is to be graded, where and when, and what need not be graded again."""
