"""Filing while the connection to the CRM is to be mended first, whatever CRM it is."""

from __future__ import annotations

from tests.crm.filing.conftest import Office
from tests.crm.filing.memory import fails


# What only the connection lacks is no fault of a call: each is told so once, and none is asked for meanwhile.
def test_calls_wait_while_the_connection_is_to_be_mended(office: Office) -> None:
    first, second = office.ended(), office.ended()
    office.crm.at("search", fails("not connected", permanent=True, unconnected=True))
    assert office.files() == 1
    office.crm.holds = "not connected"
    assert office.files() == 1
    assert [office.state(call) for call in (first, second)] == [("pending", "not connected")] * 2
    office.clock.advance(86_400)
    assert office.files() == 0
    blocked = office.ended("blocked")
    assert office.files() == 1
    assert office.state(blocked)[0] == "skipped"
    office.crm.holds = None
    assert office.files() == 2
    assert [office.kept(call).crm_attempts for call in (first, second)] == [0, 0]
    assert sorted(office.crm.calls()) == sorted([first.id, second.id])
