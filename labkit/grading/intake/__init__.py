"""What comes in: downloads are collected into student folders, and these are read as plain data."""
