import pytest

from shopbell.models.progress import Progress, progress_line


@pytest.mark.parametrize(
    ("done", "started", "seconds", "note", "line"),
    [
        (0, 0, 0.0, "", "m: 0 of 1,000 MB"),
        (500, 0, 10.0, "", "m: 500 of 1,000 MB, 50.0 MB/s, 10 s left"),
        (500, 400, 10.0, "", "m: 500 of 1,000 MB, 10.0 MB/s, 50 s left"),
        (100, 90, 10.0, "", "m: 100 of 1,000 MB, 1.0 MB/s, 15 min 0 s left"),
        (0, 0, 5.0, "the connection was lost", "m: 0 of 1,000 MB (the connection was lost)"),
    ],
)
def test_progress_line(done: int, started: int, seconds: float, note: str, line: str) -> None:
    """Progress is one line: how much, how fast, how long still, and what is the matter."""
    progress = Progress(
        model="m", done=done * 10**6, total=10**9, started=started * 10**6, seconds=seconds, note=note
    )
    assert progress_line(progress) == line
