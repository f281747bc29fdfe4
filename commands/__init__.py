"""The command line: `flask company …`, `flask calls …`, `flask phone` and the rest.

.flaskenv names this folder as the Flask app of the command line, so that checking the settings needs no environment;
a command that needs the whole app makes it.
"""

from flask import Flask

from commands.blocked import blocked
from commands.calls import calls
from commands.company import company
from commands.contacts import contacts
from commands.crm import crm
from commands.doctor import doctor
from commands.explain import explain
from commands.numbers import numbers
from commands.phone import phone
from commands.recordings import fetch, sound
from commands.release import release
from commands.revisions import export, history, import_, rollback
from commands.users import users


def create_app() -> Flask:
    """Make an app that has nothing but the commands."""
    app = Flask("ringpath-commands", static_folder=None)
    for command in (explain, import_, export, history, rollback):
        company.add_command(command)
    calls.add_command(sound)
    calls.add_command(fetch)
    app.cli.add_command(company)
    for command in (phone, calls, contacts, blocked, crm, numbers, users, release, doctor):
        app.cli.add_command(command)
    return app
