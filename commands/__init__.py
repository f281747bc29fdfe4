"""The command line: `flask company …`, `flask calls …`, `flask phone` and the rest.

.flaskenv names this folder as the Flask app of the command line, so that checking the settings needs no environment;
a command that needs the whole app makes it. What a command needs is imported when it is called: all of it together
takes longer than checking a large company.
"""

from flask import Flask

from commands.imported import Imported

COMMANDS = {
    "blocked": "commands.blocked:blocked",
    "calls": "commands.calls:calls",
    "company": "commands.company:company",
    "contacts": "commands.contacts:contacts",
    "crm": "commands.crm:crm",
    "doctor": "commands.doctor:doctor",
    "numbers": "commands.numbers:numbers",
    "phone": "commands.phone:phone",
    "release": "commands.release:release",
    "users": "commands.users:users",
}


def create_app() -> Flask:
    """Make an app that has nothing but the commands."""
    app = Flask("ringpath-commands", static_folder=None)
    app.cli.commands = Imported(COMMANDS)
    return app
