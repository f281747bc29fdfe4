"""Bitrix24: callers by its CRM, and calls filed through its telephony as an OAuth application."""
