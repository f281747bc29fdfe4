"""What the company is: its settings file, the checks on it, and the environment of the app."""
