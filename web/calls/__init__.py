"""Calls: the list and its file, one call, who is to be called back, charts. Everything within the person's reach."""

from flask import Blueprint

pages = Blueprint("calls", __name__)

from web.calls import call, charts, missed, table  # noqa: E402, F401  (each adds its pages)
