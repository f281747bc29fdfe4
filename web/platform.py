"""What the platform asks: alive, ready, metrics; and the files that the provider fetches."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from hmac import compare_digest
from pathlib import Path

from flask import Blueprint, Response, jsonify, request, send_from_directory
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.registry import Collector

from live import tallies

MEDIA_LIVES = 86_400
"""Seconds for which the provider may keep a file of ours."""


def platform(checks: Mapping[str, Callable[[], str]], media: Path, stores: Collector, token: str | None) -> Blueprint:
    """Make the blueprint; `checks` say what is wrong with each part that must be ready, "" when it is well.

    `stores` collects what is read from the stores for /metrics, and `token` is what must be shown there, if anything.
    """
    pages = Blueprint("platform", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        """Alive: the process answers."""
        return jsonify(status="ok")

    @pages.get("/readyz")
    def readyz() -> Response:
        """Ready: each part, named, "degraded" as soon as one is not well.

        The status is 200 all the same: without Redis or worker calls are answered, and a platform that took the app out
        of service for it would turn a slower answer into none.
        """
        found = {name: check() for name, check in checks.items()}
        parts = {name: problem or "ok" for name, problem in found.items()}
        return jsonify(status="degraded" if any(found.values()) else "ok", **parts)

    @pages.get("/metrics")
    def metrics() -> Response:
        """Figures for Prometheus: of all web processes, added up, and of the stores."""
        if token is not None and not _shows(request.headers.get("Authorization", ""), token):
            return Response("Whoever asks has to show METRICS_TOKEN.\n", 401, {"WWW-Authenticate": "Bearer"})
        try:
            return Response(_figures(stores), content_type=CONTENT_TYPE_LATEST)
        except tallies.UnsteadyError:
            return Response("Web processes come and go: ask again.\n", 503)

    @pages.get("/media/<name>.wav")
    def media_file(name: str) -> Response:
        """A file that the provider plays, such as the music on hold."""
        return send_from_directory(media, name + ".wav", mimetype="audio/wav", max_age=MEDIA_LIVES)

    return pages


def _figures(stores: Collector) -> bytes:
    rest = CollectorRegistry()
    rest.register(stores)
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest(REGISTRY) + generate_latest(rest)
    processes = CollectorRegistry()
    multiprocess.MultiProcessCollector(processes, folder)  # type: ignore[no-untyped-call]
    return tallies.steadily(Path(folder), lambda: generate_latest(processes)) + generate_latest(rest)


def _shows(authorization: str, token: str) -> bool:
    scheme, _, shown = authorization.partition(" ")
    same = compare_digest(shown.strip().encode(), token.encode())
    return same and scheme.lower() == "bearer"
