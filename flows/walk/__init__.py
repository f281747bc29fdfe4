"""Every path of every number, walked: what can happen to a call, proved or refuted by the code that answers calls."""
