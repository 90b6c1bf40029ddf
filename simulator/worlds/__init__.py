"""Which worlds come with the simulator: NAME.json, or NAME.py with a function build()."""
