"""The machine: how the server is, for the console's system screen. It blocks a little."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from shopbell.assistant.health import Health
from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.privacy.backupage import BackupAge
from shopbell.assistant.staffwire import Complaint, Part, SystemReport
from shopbell.knowledge.problem import Problem


class Machine:
    """The model's process, the disk, and what is wrong."""

    def __init__(
        self,
        *,
        model: WorkerModel,
        health: Callable[[], Health],
        problems: Callable[[], Sequence[Problem]],
        folder: Path,
        backup: Callable[[], BackupAge] | None = None,
    ) -> None:
        """Take the parts; `folder` is where the shop's data lies, `backup` tells the last one's age."""
        self._backup = backup
        self._model = model
        self._health = health
        self._problems = problems
        self._folder = folder
        self._parts: list[Callable[[], Sequence[Part]]] = []

    def add(self, parts: Callable[[], Sequence[Part]]) -> None:
        """Tell from now on of more than the model; called in a thread, whenever somebody looks."""
        self._parts.append(parts)

    def report(self, consoles: int) -> SystemReport:
        """Return how everything is."""
        health, state = self._health(), self._model.state
        disk = shutil.disk_usage(self._folder)
        age = self._backup() if self._backup else None
        return SystemReport(
            status=health.status,
            version=health.version,
            model=state.model,
            model_state=state.status,
            model_detail=state.detail,
            restarts=state.restarts,
            queue=state.queue,
            conversations=health.conversations,
            consoles=consoles,
            passages=health.passages,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            data_bytes=sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file()),
            problems=self.complaints(),
            parts=tuple(part for parts in self._parts for part in parts()),
            backup=age.text if age else "",
            backup_old=bool(age and age.old),
        )

    def complaints(self) -> tuple[Complaint, ...]:
        """Return what the owner should look at in the shop's files."""
        return tuple(
            Complaint(severity=problem.severity.value, place=problem.place, text=problem.message)
            for problem in self._problems()
        )

    async def restart_model(self) -> None:
        """Start the model's process anew; what it was writing is lost, its customers get the FAQ's words."""
        await self._model.stop()
        self._model.revive()
        self._model.start()
