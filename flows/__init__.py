"""Where a call goes next: pure decisions, with no framework, store or clock of their own."""
