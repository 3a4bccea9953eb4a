"""Models that exercises share: right answers with a knob for each usual way to get them wrong."""
