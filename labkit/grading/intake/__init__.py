"""What comes in: downloads are collected, opened and read as plain data."""
