"""The thread that follows SQL is a greenlet under gunicorn's gevent workers: whatever it waits for, others go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from calls.database import connect
from calls.tables import metadata
from tests.details.conftest import FIRST, SECOND
from tests.moments import ROOT
from tests.published import publish

FOLLOWS = """
from gevent import monkey; monkey.patch_all()
import sys, time
from pathlib import Path
import gevent
from gevent.server import StreamServer
from calls import following
from calls.database import connect
from calls.settings import Settings

MOST = 0.8  # of the time: whoever is held up stands still for all of it, and this machine may for a part
gaps = []

def others():
    last = time.monotonic()
    while True:
        gevent.sleep(0.001)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()

def went_on(what, long_enough):
    assert sum(gaps) > long_enough, (what, sum(gaps))
    assert len(gaps) > 20 and max(gaps) < MOST * sum(gaps), (what, len(gaps), max(gaps), sum(gaps))
    gaps.clear()

url, file = sys.argv[1], Path(sys.argv[2])
settings = Settings.of_database(connect(url), file)
gevent.spawn(others)

settings.follow()
gevent.sleep(1.2)
assert gaps
went_on("it has nothing to do, and looks once a second", 1)

settings.close()

silent = StreamServer(("127.0.0.1", 0), lambda *_: gevent.sleep(3600))  # accepts, and says nothing
silent.start()
away = connect(f"postgresql://somebody@127.0.0.1:{silent.server_port}/none")
hanging = Settings.of_database(away, file)
went_on("SQL hangs at the start", 1)
following.BLINK = 0.5
hanging.follow()
assert hanging.of("0" * 12) is None
went_on("a webhook waits for SQL, which hangs", 0.4)
"""


def test_the_follower_never_holds_up_the_greenlets(tmp_path: Path) -> None:
    file, url = tmp_path / "company.yaml", f"sqlite:///{tmp_path}/calls.sqlite"
    file.write_text(FIRST, "utf-8")
    engine = connect(url)
    metadata.create_all(engine)
    publish(engine, SECOND)
    engine.dispose()
    command = [sys.executable, "-c", FOLLOWS, url, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
