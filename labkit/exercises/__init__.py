"""The exercises of the labs: one folder for each lab, one module for each exercise.

These modules hold model answers. A sandbox never shows this folder to a student's code.
"""
