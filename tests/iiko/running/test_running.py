"""One run after the other over a server that answers, and over one that does not."""

from portal.iiko.models import Purpose


def test_a_preview_reads_gives_its_seat_back_and_writes_nothing(office, iiko):
    before = office.restaurants()
    run = office.sync()
    assert (run.state, run.failure) == ("planned", None)
    assert run.seat_returned_at >= run.seat_opened_at
    assert (iiko.seats.held, iiko.seats.log_ins, iiko.overlaps, iiko.leaks) == ([], 1, 0, 0)
    kinds = office.kinds(run.id)
    assert {kind.state for kind in kinds.values()} == {"planned"}
    assert kinds["departments"].creates == 3
    assert office.restaurants() == before
    assert office.sessions() == []
    assert office.integration.connection_status == "connected"
