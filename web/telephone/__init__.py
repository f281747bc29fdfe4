"""The telephone in the browser: call the company's own numbers, and play everybody who is called."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, render_template, request

from web.access import Permission, rule
from web.reception import here
from web.telephone import conversation
from web.telephone.books import closed_now, known_callers
from web.telephone.lines import install
from web.words import _

pages = Blueprint("telephone", __name__)
pages.record(install)


@pages.get("/telephone")
@rule(Permission.TELEPHONY)
def page() -> str:
    """Choose who calls whom; the rest is done by a script, over a line of its own."""
    numbers = here().company.numbers
    called = request.args.get("to", "")
    return render_template(
        "telephone/telephone.html",
        numbers=numbers,
        called=called if called in numbers else next(iter(numbers), ""),
        caller=request.args.get("from", "")[:40] or conversation.A_STRANGER,
        at=request.args.get("at", "")[:16],
        closed=closed_now(here()),
        callers=known_callers(here()),
        texts=texts(),
        meets=here().environment.provider == "simulator",
    )


@pages.get("/telephone/line", websocket=True)
@rule(Permission.TELEPHONY)
def line() -> Response:
    """Carry one call over a WebSocket: 403 to other sites, 503 when all lines are taken."""
    if not _from_here():
        abort(403)
    return conversation.hold()


def _from_here() -> bool:
    """Whether one of our own pages asks: a browser sends its cookies along with a WebSocket of any site."""
    asking = urlsplit(request.headers.get("Origin", ""))
    ours = {request.host, urlsplit(here().environment.public_url).netloc}
    return asking.scheme in {"http", "https"} and asking.netloc in ours


def texts() -> dict[str, str]:
    """What the script has to say by itself, when there is nobody to ask."""
    return {
        "lost": _("The line was cut. The caller has hung up; call again if you like."),
        "unreachable": _("The line could not be opened. All lines may be taken, or a proxy may not let it through."),
        "connecting": _("Connecting…"),
        "left": _("%(seconds)s s left"),
    }
