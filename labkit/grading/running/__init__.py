"""One submission is run: nbval, the kernel that holds student code, and the questions put to it."""
