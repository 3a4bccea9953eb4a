"""What people read and write: reports, feedback, marks by hand, and an nbgrader course."""
