"""Who is logged in: a cookie with a random token, whose session stands in SQL and can be ended there.

Not Flask-Login: it keeps the user's number in a signed cookie, which nobody can end from outside, and has had no
release since 2023.
"""

from __future__ import annotations

from flask import Response, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from calls import sessions, users
from calls.sessions import SEEN_EVERY
from calls.users import User
from web.access import Person, levels_of, rule_of
from web.reception import here

DOORS = frozenset({"platform", "connect"})
"""Blueprints that are not for people who log in: each has a check of its own, or nothing to hide."""

LONGEST = int(sessions.LONGEST.total_seconds())


def person() -> Person:
    """Who is logged in; only for pages whose rule is not PUBLIC."""
    found = somebody()
    if found is None:
        abort(403)
    return found


def somebody() -> Person | None:
    """Who is logged in, None when nobody is."""
    if "person" not in g:
        g.person = None
        if token := token_here():
            g.person = _person_of(token)
    found: Person | None = g.person
    return found


def enter() -> AnyResponse | None:
    """Let in whoever may see the page that is asked for; a page without a rule is refused."""
    if request.blueprint in DOORS or request.endpoint in {None, "static"}:
        return None
    wanted = rule_of(current_app.view_functions.get(request.endpoint or ""))
    if wanted is None:
        current_app.logger.error("refused: %s has no rule that says who may open it", request.endpoint)
        abort(403)
    if wanted.public:
        return None
    found = somebody()
    if found is None:
        return redirect(url_for("login.form", next=_next()), 303)
    if not wanted.admits(found):
        abort(403)
    return None


def begin(user: User) -> str:
    """Begin a session for somebody who has proved who he is; returns its token, for the answer's cookie.

    A new one always: a token that the browser brought along may be known to somebody else.
    """
    session.clear()  # and with it the old forms' protection
    with here().engine.begin() as connection:
        sessions.forget(connection, here().clock())
        return sessions.begin(connection, user.id, request.user_agent.string, here().clock())


def remember(response: AnyResponse, token: str) -> AnyResponse:
    """Give the browser the cookie of a session."""
    response.set_cookie(cookie_name(), token, max_age=LONGEST, secure=_https(), httponly=True, samesite="Lax", path="/")
    return response


def end(response: AnyResponse) -> AnyResponse:
    """End the session of this request."""
    with here().engine.begin() as connection:
        sessions.end(connection, token_here())
    session.clear()
    response.delete_cookie(cookie_name(), secure=_https(), httponly=True, samesite="Lax", path="/")
    return response


def token_here() -> str:
    """The token of this request's session."""
    return request.cookies.get(cookie_name(), "")


def cookie_name() -> str:
    """Name the cookie; with __Host- a browser takes it by https alone, and from no other host of the domain."""
    return "__Host-ringpath" if _https() else "ringpath"


def never_kept(response: Response) -> Response:
    """Keep pages out of every cache: what one person may see is not for the next at the same screen."""
    if request.endpoint != "static" and request.blueprint not in DOORS:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _person_of(token: str) -> Person | None:
    now = here().clock()
    with here().engine.connect() as connection:
        found = sessions.user(connection, token, now)
        changed = users.changed_permissions(connection)
    if found is None:
        return None
    user, seen_at = found
    if now - seen_at > SEEN_EVERY:
        with here().engine.begin() as connection:
            sessions.seen(connection, token, now)
    return Person(
        id=user.id,
        name=user.name,
        employee=user.employee,
        roles=user.roles,
        levels=levels_of(user.roles, changed),
        language=user.language,
    )


def _next() -> str | None:
    """Where to go after logging in: a page of ours that was asked for, with its query."""
    if request.method != "GET" or request.path == "/":
        return None
    return request.full_path.rstrip("?")


def _https() -> bool:
    return here().environment.public_url.startswith("https://")
