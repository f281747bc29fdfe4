"""Who is calling, and where the call is filed: one folder per CRM, and the jobs."""
