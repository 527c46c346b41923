"""States of beginnings on disk."""

from pathlib import Path

from shopbell.assistant.llm.states import SPARED_BYTES, States, key_of


def store(folder: Path, *, fingerprint: str = "model 1", budget: int = 10_000) -> States:
    return States(folder, fingerprint=fingerprint, budget=budget)


def test_a_state_is_found_again_after_a_restart(tmp_path: Path) -> None:
    """What was put is there for the next process."""
    store(tmp_path).put("a", b"state")
    again = store(tmp_path)
    assert "a" in again
    assert again.get("a") == b"state"
    assert again.get("b") is None


def test_the_key_follows_every_token() -> None:
    """Other tokens, another order or another length name another state."""
    keys = {key_of([1, 2, 3]), key_of([1, 3, 2]), key_of([1, 2]), key_of([1, 2, 4])}
    assert len(keys) == 4


def test_states_of_another_model_are_thrown_away(tmp_path: Path) -> None:
    """Nothing made with other weights, library or settings is ever restored."""
    store(tmp_path).put("a", b"state")
    other = store(tmp_path, fingerprint="model 2")
    assert other.get("a") is None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_damaged_state_is_none(tmp_path: Path) -> None:
    """A file that was cut off or altered is thrown away, and the beginning is read again."""
    states = store(tmp_path)
    for damage in (lambda data: data[:-1], lambda data: data[:-1] + b"x", lambda data: b""):
        states.put("a", b"a state of some length")
        file = next(tmp_path.rglob("a"))
        file.write_bytes(damage(file.read_bytes()))
        assert states.get("a") is None
        assert "a" not in states
        assert not file.exists()


def test_a_state_that_vanished_is_none(tmp_path: Path) -> None:
    """Somebody cleaned the folder: nothing breaks."""
    states = store(tmp_path)
    states.put("a", b"state")
    next(tmp_path.rglob("a")).unlink()
    assert states.get("a") is None


def test_the_budget_holds_and_the_oldest_goes(tmp_path: Path) -> None:
    """Of too many states the one used longest ago is dropped, also across a restart."""
    states = store(tmp_path, budget=300)
    for key in "abc":
        states.put(key, bytes(80))
    assert states.get("a") is not None
    states.put("d", bytes(80))
    assert [key for key in "abcd" if key in states] == ["a", "c", "d"]
    assert states.size <= 300
    states.put("huge", bytes(400))
    assert "huge" not in states
    assert "a" in states


def test_only_named_states_stay(tmp_path: Path) -> None:
    """What was read from words that are gone is gone as well."""
    states = store(tmp_path)
    for key in "abc":
        states.put(key, b"state")
    states.keep_only({"b", "x"})
    assert [key for key in "abc" if key in states] == ["b"]
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["b"]


def test_a_full_disk_is_no_error(tmp_path: Path) -> None:
    """Where nothing can be written, nothing is kept."""
    states = store(tmp_path)
    folder = next(tmp_path.iterdir())
    folder.rmdir()
    states.put("a", b"state")
    assert states.get("a") is None


def test_what_was_used_last_is_at_hand(tmp_path: Path) -> None:
    """States are taken from memory while they are in its budget, and the oldest leave it first."""
    states = States(tmp_path, fingerprint="model 1", budget=10_000, at_hand=25)
    for key in "abc":
        states.put(key, key.encode() * 10)
        assert states.get(key) == key.encode() * 10
    assert states.at_hand == 20
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    assert states.get("a") is None
    assert states.get("c") == b"c" * 10
    states.drop("c")
    assert states.at_hand == 10


def test_the_shops_own_data_keeps_its_room_on_the_disk(tmp_path: Path) -> None:
    """A disk that is nearly full takes no more states, and nothing is lost but time."""
    states = States(tmp_path, fingerprint="model 1", budget=10_000, free=lambda _folder: SPARED_BYTES)
    states.put("a", b"state")
    assert "a" not in states
    assert states.get("a") is None


def test_what_was_half_written_is_cleared_away(tmp_path: Path) -> None:
    """A process that was ended while it wrote leaves nothing that counts."""
    store(tmp_path).put("a", b"state")
    folder = next(tmp_path.iterdir())
    (folder / "b.part").write_bytes(b"half")
    again = store(tmp_path)
    assert [file.name for file in folder.iterdir()] == ["a"]
    assert again.size == len(b"state") + 16
