"""The parts of which the route map of a number is made."""
