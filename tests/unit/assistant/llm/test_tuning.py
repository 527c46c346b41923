"""The start-up measurement and its file."""

import time
from pathlib import Path

import pytest

from shopbell.assistant.llm import tuning
from shopbell.assistant.llm.tuning import Measured, Tuner, candidates, choose, fingerprint


def spin(seconds: float) -> None:
    """Use the processor for so long, that the share of its time is whole."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


class Machine:
    """Takes known times, on one thread; idles where it should be working if it is contended."""

    def __init__(self, *, contended: bool = False) -> None:
        self.tried: list[tuple[int, bool]] = []
        self._contended = contended

    def __call__(
        self, *, threads: int, flash: bool, reads: int, writes: int, together: int = 1
    ) -> tuple[float, float]:
        if together > 1:
            return 0.0, 0.8
        if reads > 1:
            self.tried.append((threads, flash))
        (time.sleep if self._contended else spin)(0.02)
        return 1.0 / threads, (1.0 if flash else 0.5)


def measured(threads: int, flash: bool, prefill: float, decode: float) -> Measured:
    return Measured(threads=threads, flash=flash, prefill_rate=prefill, decode_rate=decode, share=1.0)


def test_the_threads_that_read_best_may_not_write_best() -> None:
    """Each number of threads is chosen for what it is for."""
    rates = choose([measured(1, True, 50, 30), measured(2, True, 100, 25)])
    assert (rates.threads, rates.threads_reading) == (1, 2)
    assert (rates.decode_rate, rates.prefill_rate) == (30, 100)


def test_flash_attention_is_chosen_by_a_typical_turn() -> None:
    """The exact setting, unless a turn is over much sooner without it."""
    assert choose([measured(2, True, 100, 25), measured(2, False, 90, 20)]).flash
    assert choose([measured(2, True, 80, 25), measured(2, False, 100, 25)]).flash
    assert not choose([measured(2, True, 30, 25), measured(2, False, 100, 25)]).flash


def test_threads_worth_trying_end_with_one() -> None:
    """Every core first, then fewer by halves."""
    assert candidates(1) == (1,)
    assert candidates(2) == (2, 1)
    assert candidates(6) == (6, 4, 2, 1)


def test_it_measures_once_and_keeps_the_rates(tmp_path: Path) -> None:
    """The second start finds the file and tries nothing."""
    machine = Machine()
    first = Tuner(tmp_path / "d" / "perf.json", machine, cores=1, beat=lambda: None).rates("x")
    assert machine.tried == [(1, True), (1, False)]
    again = Machine()
    assert Tuner(tmp_path / "d" / "perf.json", again, cores=1, beat=lambda: None).rates("x") == first
    assert not again.tried


def test_another_machine_is_measured_anew(tmp_path: Path) -> None:
    """What was found under another fingerprint is kept and not used."""
    file = tmp_path / "perf.json"
    Tuner(file, Machine(), cores=1, beat=lambda: None).rates("x")
    other = Machine()
    Tuner(file, other, cores=1, beat=lambda: None).rates("y")
    assert other.tried
    assert {"x", "y"} <= set(tuning.Tuner(file, Machine(), cores=1, beat=lambda: None)._load().kept)


def test_figures_of_a_busy_machine_are_provisional(tmp_path: Path) -> None:
    """They keep all threads, are used for an hour, and then it is measured again."""
    file = tmp_path / "perf.json"
    now = [1000.0]
    busy = Machine(contended=True)
    rates = Tuner(file, busy, cores=2, beat=lambda: None, now=lambda: now[0]).rates("x")
    assert rates.threads == rates.threads_reading == 2
    soon = Machine()
    Tuner(file, soon, cores=2, beat=lambda: None, now=lambda: now[0] + 10).rates("x")
    assert not soon.tried
    Tuner(file, soon, cores=2, beat=lambda: None, now=lambda: now[0] + 7200).rates("x")
    assert soon.tried


@pytest.mark.parametrize("content", ["", "{", '{"kept": 3}'])
def test_a_broken_file_is_measured_over(tmp_path: Path, content: str) -> None:
    """A damaged file costs a measurement, not a start."""
    file = tmp_path / "perf.json"
    file.write_text(content)
    machine = Machine()
    Tuner(file, machine, cores=1, beat=lambda: None).rates("x")
    assert machine.tried


def test_time_runs_out(tmp_path: Path) -> None:
    """On a very slow machine no trial is begun after the budget."""
    machine = Machine()
    ticks = iter(range(0, 1000, 4))
    Tuner(tmp_path / "perf.json", machine, cores=8, beat=lambda: None, now=lambda: float(next(ticks))).rates(
        "x"
    )
    assert machine.tried == [(8, True), (4, True)]


def test_the_fingerprint_names_model_library_and_machine(tmp_path: Path) -> None:
    """Another of any of these is another fingerprint."""
    model, other = tmp_path / "m", tmp_path / "o"
    model.write_bytes(b"weights")
    other.write_bytes(b"weighty")
    names = {
        fingerprint(model, library="1", cores=2, processor="p"),
        fingerprint(other, library="1", cores=2, processor="p"),
        fingerprint(model, library="2", cores=2, processor="p"),
        fingerprint(model, library="1", cores=3, processor="p"),
        fingerprint(model, library="1", cores=2, processor="q"),
    }
    assert len(names) == 5


def test_a_system_that_does_not_tell_its_processor_is_nameless(tmp_path: Path) -> None:
    """Without the system's file the name is empty."""
    assert tuning.processor_name(tmp_path / "none") == ""
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: A Quick One\n")
    assert tuning.processor_name(tmp_path / "cpuinfo") == "A Quick One"
