"""Work that waits for a host's turn: one piece a turn, in order, and no host takes all the room."""

from vigie.server.services.work import Claimed
from vigie.server.worker.parked import MOST_OF_A_HOST, Parked


def piece(n: int) -> Claimed:
    return Claimed(n, "collect", f"collect:{n}", {}, {}, 1, "a")


def test_one_piece_of_a_host_comes_out_once_its_turn_has_come() -> None:
    parked = Parked()
    parked.put(piece(1), "a.example", until=5.0)
    parked.put(piece(2), "a.example", until=6.0)
    parked.put(piece(3), "b.example", until=4.0)
    assert [one.id for one in parked.due(3.9, 9)] == []
    assert [one.id for one in parked.due(6.0, 9)] == [1, 3]
    assert [one.id for one in parked.due(6.0, 9)] == [2] and len(parked) == 0


def test_no_more_come_out_than_there_is_room_for() -> None:
    parked = Parked()
    for n in range(5):
        parked.put(piece(n), f"{n}.example", until=0.0)
    assert len(parked.due(1.0, 2)) == 2 and len(parked) == 3 and parked.due(1.0, 0) == []


def test_host_of_many_spaces_is_refused_the_room_of_others() -> None:
    parked = Parked()
    put = [parked.put(piece(n), "a.example", until=1.0) for n in range(MOST_OF_A_HOST + 1)]
    assert put == [True] * MOST_OF_A_HOST + [False]
    assert parked.put(piece(999), "b.example", until=1.0)


def test_all_that_is_held_is_known_and_comes_out_when_the_worker_stops() -> None:
    parked = Parked()
    for n in range(3):
        parked.put(piece(n), f"{n % 2}.example", until=9.0)
    assert sorted(parked.ids()) == [0, 1, 2]
    assert sorted(one.id for one in parked.empty()) == [0, 1, 2] and len(parked) == 0
