"""GuardWatch: notices when somebody changes the settings by which agents are kept from tokens, and tells the client."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.errors import TokenwardError
from tokenward.lsp.client.repeated_check import RepeatedCheck, stamp
from tokenward.lsp.client.session import Session
from tokenward.names import METHOD_AGENTS_CHANGED


class GuardWatch(RepeatedCheck):
    """Compares the files with the record in a separate thread, whenever one of them changes."""

    def __init__(self, session: Session, warn: Callable[[Sequence[str]], Coroutine[Any, Any, None]]) -> None:
        """Take how to warn the user of a client that shows no status of agents."""
        super().__init__("tokenward-guards", self._check)
        self._session = session
        self._warn = warn
        self._seen: object = None
        self._files: tuple[Path, ...] = ()
        self._told: tuple[str, ...] = ()
        self._was_changed = False

    def _check(self) -> None:
        files, places = self._files, self._session.places
        state = (
            tuple(self._session.folders),
            stamp(places.agents),
            stamp(places.part_matches),
            [*map(stamp, files)],
        )
        if state == self._seen:
            return
        found = tuple(self._sentences())
        # `protect` records first what it will write, and some programs empty a file before they fill it.
        # Any two findings in a row count, so that changing a file again and again hides nothing.
        lasts = not found or self._was_changed
        self._was_changed = bool(found)
        # From before the reading, so that what changes meanwhile is noticed; not if the record named other files.
        self._seen = state if lasts and self._files == files else None
        if lasts and found != self._told:
            self._told = found
            self._session.on_loop(partial(self._announce, found))

    def _sentences(self) -> Sequence[str]:
        return [*self._withheld(), *self._changed()]

    def _withheld(self) -> Sequence[str]:
        if not self._session.places.part_matches.exists():
            return []
        from tokenward.operations.agents.part_matches import withheld_agents  # noqa: PLC0415
        from tokenward.presentation.agents.statuses import withheld_words  # noqa: PLC0415

        names = withheld_agents(self._session.places)
        return [withheld_words(names)] if names else []

    def _changed(self) -> Sequence[str]:
        if not self._session.places.agents.exists():
            return []
        # Not for the first diagnostics, and for those who protect no agents not at all.
        from tokenward.operations.agents_protection.changed_guards import changed_guards  # noqa: PLC0415
        from tokenward.operations.agents_protection.record import ProtectionRecord  # noqa: PLC0415
        from tokenward.operations.agents_protection.search_roots import SearchRoots  # noqa: PLC0415
        from tokenward.presentation.agents.statuses import changed_words  # noqa: PLC0415

        try:
            record = ProtectionRecord.read(self._session.places)
            self._files = tuple(map(Path, record.files))
            all_roots = map(SearchRoots.around, self._session.folders or [Path.home()])
            found = {guard.path: guard for roots in all_roots for guard in changed_guards(roots, record)}
        except TokenwardError as error:
            # Without the record nobody knows what is missing.
            return [str(error)]
        return [changed_words(guard) for guard in found.values()]

    def _announce(self, found: tuple[str, ...]) -> None:
        if "agents" in self._session.capabilities.extensions:
            self._session.server.protocol.notify(METHOD_AGENTS_CHANGED, {"changed": list(found)})
        elif found:
            self._session.start_task(self._warn(found))
