"""What people read and write: reports, feedback, marking by hand, an nbgrader course."""
