"""What is left of a call: its record, written at its end and settled later, and what no store could take meanwhile."""
