"""The command line: `flask company …`, `flask phone`.

.flaskenv names this folder as the Flask app of the command line, so that checking the settings needs no environment;
a command that needs the whole app makes it.
"""

from flask import Flask

from commands.company import company
from commands.explain import explain
from commands.phone import phone


def create_app() -> Flask:
    """Make an app that has nothing but the commands."""
    app = Flask("ringpath-commands", static_folder=None)
    company.add_command(explain)
    app.cli.add_command(company)
    app.cli.add_command(phone)
    return app
