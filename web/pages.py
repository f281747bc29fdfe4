"""The people's door put together: blueprints, who may enter, how pages look, what browsers are told."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for
from flask_wtf import CSRFProtect
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)

from web import (
    account,
    calls,
    forms,
    login,
    looks,
    me,
    now,
    operator,
    recordings,
    sessions,
    settings,
    telephone,
    users,
    why,
    words,
)
from web.access import Level, Permission
from web.navigation import entries
from web.reception import Reception, here

FOLDER = Path(__file__).parent

BLUEPRINTS = (
    account.pages,
    calls.pages,
    login.pages,
    me.pages,
    now.pages,
    operator.pages,
    recordings.pages,
    settings.pages,
    telephone.pages,
    users.pages,
    why.pages,
)
"""Every part of the site."""

A_YEAR = 31_536_000


def init_app(app: Flask, reception: Reception) -> None:
    """Open the people's door of an app."""
    https = reception.environment.public_url.startswith("https://")
    app.static_folder, app.template_folder = str(FOLDER / "static"), str(FOLDER / "templates")
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    app.config.update(
        SEND_FILE_MAX_AGE_DEFAULT=A_YEAR,  # their addresses change with what is in them
        SESSION_COOKIE_NAME="__Host-ringpath-form" if https else "ringpath-form",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_I18N_ENABLED=False,
    )
    app.before_request(forms.make_room)  # before the protection of forms reads them
    protect = CSRFProtect(app)
    for name in sessions.DOORS & app.blueprints.keys():
        protect.exempt(app.blueprints[name])
    app.before_request(sessions.enter)
    app.after_request(sessions.never_kept)
    app.after_request(_headers(https))
    _look(app)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)


def _look(app: Flask) -> None:
    looks.init_app(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(words.plain, words.plain_plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_everywhere)


def _everywhere() -> dict[str, Any]:
    return {
        "language": words.language,
        "languages": words.LANGUAGES,
        "somebody": sessions.somebody,
        "navigation": entries,
        "asset": asset,
        "Permission": Permission,
        "Level": Level,
        "here": here,
    }


def asset(name: str) -> str:
    """Write the address of a static file, with a digest of what is in it."""
    return url_for("static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:10]


def _headers(https: bool) -> Any:
    policy = (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src("'self'")
        .style_src("'self'")
        .img_src("'self'", "data:")
        .media_src("'self'")
        .connect_src("'self'")
        .font_src("'self'")
        .form_action("'self'")
        .base_uri("'none'")
        .frame_ancestors("'none'")
    )
    found = Secure(
        csp=policy,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        hsts=StrictTransportSecurity().max_age(A_YEAR) if https else None,
        permissions=PermissionsPolicy().geolocation().microphone().camera(),
        referrer=ReferrerPolicy().same_origin(),  # which the protection of forms looks at
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    )
    items = dict(found.header_items())

    def add(response: Response) -> Response:
        if request.blueprint not in sessions.DOORS:
            for name, value in items.items():
                response.headers.setdefault(name, value)
        return response

    return add
