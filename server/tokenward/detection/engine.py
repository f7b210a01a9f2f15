"""The Detector: text in, detections out. It knows nothing of files, editors or keyrings.

The engine is imported when it is first needed, so that commands that detect nothing start fast, and what judges
matches is imported for the first match.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import field
from functools import cache
from itertools import chain
from os import urandom
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from tokenward import __version__
from tokenward.detection.catalog import Catalog, bring, definitions, remove_unused, table_of
from tokenward.detection.catalog_quirks import ANY_PATH, BOUND_ENDS, catalog_path
from tokenward.detection.custom.workspace import PLAIN, LocalRules
from tokenward.detection.detection import Detection, DetectionResult
from tokenward.detection.divided import DividedText, may_be_divided
from tokenward.detection.generic.files import LOG_ENDS, is_log, may_be_by_hand
from tokenward.detection.pieces import MOST_FOUND, LineCount, Piece, is_one_piece, pieces_around, pieces_of
from tokenward.detection.rules.engine_scan import Cancellation, Limits, TextScanner, source_of, to_utf8
from tokenward.detection.rules.own_rules import (
    BY_NAME,
    NAMED_ENDS,
    RulePack,
    holds_for,
    may_be_named,
    pack_identity,
)
from tokenward.detection.screen import MOST_NEW, Screen, compile_wanted, write_screen
from tokenward.errors import EngineUnusable
from tokenward.fast_dataclasses import dataclass
from tokenward.model import IgnoredDetection

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

_NOTHING = DetectionResult()
_MISSING = re.compile(r"(\S+): cannot open shared object|version `([^']+)' not found")
_IMPORTING = Lock()
"""Held because an import that another thread's failed before would not say which library is missing."""
_ENDS = (*BOUND_ENDS, *NAMED_ENDS, *LOG_ENDS)
_SPECIAL_ENDS = {end[-1]: tuple(one for one in _ENDS if one[-1] == end[-1]) for end in _ENDS}
"""The ends of the names of all files that may not be scanned like most, by the last character."""
_DENSE = 1_000
"""Characters for each place at which something was removed, so that all is near one."""
MOST_SCREENED = 64_000
"""Bytes of the first texts, in which it is found out without all rules whether one matches."""


@dataclass(frozen=True, slots=True)
class RuleScanners:
    """The rules that apply everywhere: the engine's and ours."""

    catalog: Catalog
    pack: RulePack

    @property
    def all(self) -> tuple[TextScanner, ...]:
        """Return all the scanners, each loaded."""
        return self.catalog.in_use, *self.pack.all

    @property
    def definitions(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the definitions of the rules that show matches, and of those for files with certain names."""
        catalog = [one for one in definitions(self.catalog.scanner.rules) if one["visible"]]
        ours, *named = (definitions(scanner.rules) for scanner in self.pack.all)
        return catalog + ours, [*chain.from_iterable(named)]


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of each scanner that has any in a text; not all are tokens.

    Attributes:
        data: the text in UTF-8.
    """

    data: bytes = field(repr=False)
    by: tuple[tuple[TextScanner, Sequence[Match]], ...]


class Judging(NamedTuple):
    """Where a text is from, with the rules there, as in `Detector.detect_all`."""

    path: str
    local: LocalRules
    first_line: int
    commit: str


class Detector:
    """The engine with compiled rules; safe to share between threads."""

    def __init__(
        self, rules_cache: Path, announce: Callable[[], None] | None = None, *, most_new: int = MOST_NEW
    ) -> None:
        """Load nothing yet.

        Args:
            rules_cache: the folder for compiled rules, which must be private to the user.
            announce: is called before rules are compiled that were not loaded from there before.
            most_new: rules that may be compiled by themselves.
        """
        self._rules_cache = rules_cache
        self._most_new = most_new
        self._announce = announce
        self._loading = Lock()
        self._scanners: RuleScanners | None = None
        self._screen: Screen | None = None
        self._screened = 0
        self._used = 0.0

    @property
    def identity(self) -> str:
        """Return an identity of the rules and of how their matches are judged; part of a cache key."""
        try:
            with _IMPORTING:
                from kingfisher_sdk._native import __version__ as engine
        except ImportError as error:
            missing = _MISSING.search(str(error))
            library = missing[1] or missing[2] if missing else f"a library of {error.name}"
            raise EngineUnusable(
                "The engine that finds tokens does not load because {library} is missing; install the package that has"
                " it (on Debian libstdc++6, on Windows the Visual C++ Redistributable).",
                library=library,
            ) from None
        return f"{engine}+{__version__}+{pack_identity()}"

    def load(self) -> RuleScanners:
        """Load the rules in 0.1 s, or compile them in seconds if neither the user's folder nor the package has them."""
        self._used = monotonic()
        if self._scanners is not None:
            return self._scanners
        from concurrent.futures import ThreadPoolExecutor

        with self._loading:
            if self._scanners is None:
                is_new = not self.is_compiled
                if self._announce and is_new:
                    self._announce()
                # The engine lets go of the interpreter meanwhile.
                with ThreadPoolExecutor(1) as other:
                    pack = RulePack(self._rules_cache)
                    loaded = other.submit(lambda: pack.everywhere)
                    scanners = RuleScanners(Catalog(self._rules_cache, self.identity), pack)
                    if is_new:
                        # The others take as long as all of these together.
                        pack.load_named()
                    loaded.result()
                # Without a cache, the rules are compiled each time.
                with suppress(OSError):
                    if is_new:
                        write_screen(self._rules_cache, self.identity, *scanners.definitions)
                        remove_unused(self._rules_cache)
                self._scanners = scanners
            return self._scanners

    @property
    def is_compiled(self) -> bool:
        """Return whether the rules are compiled, so that loading them is quick."""
        bring(self._rules_cache, self.identity)
        return table_of(self._rules_cache, self.identity).exists()

    @property
    def is_loaded(self) -> bool:
        """Return whether the next scan need not load the rules."""
        return self._scanners is not None

    def release(self, idle: float) -> bool:
        """Let go of the rules, 55 MB, unless they were used in the last seconds; return whether they were let go."""
        with self._loading:
            is_idle = self._scanners is not None and monotonic() - self._used >= idle
            if is_idle:
                self._scanners = None
            return is_idle

    def _few(self, data: bytes, path: str, local: LocalRules) -> tuple[bool, Matches | None]:
        """Return whether the matches in one of the first texts are known without all rules, and what they are."""
        self._screened += len(data)
        if self._scanners or self._screened > MOST_SCREENED or not is_one_piece(data):
            return False, None
        if local.custom.scanner or catalog_path(path) != ANY_PATH:
            return False, None
        try:
            if self._screen is None:
                bring(self._rules_cache, self.identity)
                self._screen = Screen(self._rules_cache, self.identity, self._most_new)
            found = self._screen.matches(data, is_named=may_be_named(path))
            rules = {match.rule_id for match in _plausible(found, local, path)}
            by = tuple(
                (scanner, [*_plausible(matches, local, path)])
                for scanner, matches in self._screen.whole_matches(data, rules)
            )
        except (OSError, RuntimeError, ValueError):
            return False, None
        return True, Matches(data, by) if any(matches for _, matches in by) else None

    def compile_wanted(self, most: int) -> None:
        """Compile some of the rules that texts needed by themselves, so that the next process need not load all."""
        with suppress(OSError, RuntimeError, ValueError):
            compile_wanted(self._rules_cache, most)

    def load_whole(self) -> None:
        """Load what is otherwise loaded for the first finding and the first file that has its own rules."""
        scanners = self.load()
        _ = scanners.catalog.scanner, scanners.all
        made_up = urandom(18).hex()
        for text in (f"API_SECRET = '{made_up}'\nA=ghp_{made_up}\n", "QUFB" * 10):
            self.detect_all(text, ".npmrc")

    def matches(
        self, data: bytes, path: str, *, local: LocalRules = PLAIN, timeout: float | None = None
    ) -> Matches | None:
        """Return the matches of rules in a UTF-8 text, which need not be decoded if nothing matches.

        Raises:
            TimeoutError: as for `detect_all`.
        """
        if not data:
            return None
        is_known, found = self._few(data, path, local)
        return found if is_known else _matches(self.load(), data, path, local, Limits(timeout))

    def without_matches(self, texts: Iterable[tuple[int, bytes, str]], local: LocalRules) -> set[int]:
        """Return the numbers of the texts for which `matches` would return None, as far as that is quickly known.

        Each text, in UTF-8, is given with its number and its path.
        """
        from tokenward.detection.pieces import joined_texts, may_be_joined

        if local.custom.scanner is not None:
            return set()
        scanners, without = self.load(), set[int]()
        pack = scanners.pack
        # The rules for some paths alone are not in use for the others.
        usual = [
            one
            for one in texts
            if may_be_joined(one[1])
            and (
                not (name := one[2].lower()).endswith(_SPECIAL_ENDS.get(name[-1:], ()))
                or _is_usual(pack, one[2])
            )
        ]
        # One search in all is quicker than one in each.
        if may_be_divided(b"".join([data for _, data, _ in usual]), ANY_PATH):
            usual = [one for one in usual if not may_be_divided(one[1], ANY_PATH)]
        paths = {number: path for number, _, path in usual}
        for joined in joined_texts(usual):
            if not is_one_piece(joined.data):
                continue
            source = source_of(joined.data, ANY_PATH)
            found = [match for match in Limits().scan(scanners.catalog.in_use, source) if match.visible]
            without.update(joined.numbers)
            without.difference_update(*map(joined.touched_by, found))
            for match in Limits().scan(pack.everywhere, source):
                touched = joined.touched_by(match)
                if without.isdisjoint(touched):
                    continue
                if len(touched) > 1 or any(_plausible([match], local, paths[touched[0]])):
                    without.difference_update(touched)
        return without

    def detect_all(
        self,
        text: str,
        path: str = "",
        *,
        local: LocalRules = PLAIN,
        first_line: int = 0,
        commit: str = "",
        timeout: float | None = None,
        cancellation: Cancellation | None = None,
        matches: Matches | None = None,
    ) -> DetectionResult:
        """Return the tokens in a text, and those that a configuration or comment ignores.

        Args:
            text: any text, including lone surrogates and NULs.
            path: relative to the workspace, with `/`; some rules apply only to some files.
            local: the workspace's rules.
            first_line: the line of the file, from 0, with which the text begins.
            commit: the full hash of the text's commit, if any.
            timeout: seconds; cooperative, so a large text can overrun it by about 0.1 s; a text that is
            too small to take that long is not timed.
            cancellation: stops the scan once it is cancelled.
            matches: the result of `matches` for the same text, path and workspace, if it may not be divided.

        Raises:
            TimeoutError: the deadline passed; there are no partial results.
            RuntimeError: the scan was cancelled.
        """
        where = Judging(path, local, first_line, commit)
        if matches is not None:
            return _judged(text, matches, where, Limits(timeout, cancellation))
        data = to_utf8(text)
        divided = DividedText.of(text, path)
        texts = [(text, data)]
        if divided.plain is not text:
            texts.append((divided.plain, to_utf8(divided.plain)))
        known = [self._few(data, path, local) for _, data in texts]
        # First, because compiling the rules does not count as scanning.
        scanners = None if all(is_known for is_known, _ in known) else self.load()
        limits = Limits(timeout, cancellation)
        around = _where_divided(divided)
        found = [
            _judged(one, few, where, limits)
            if is_known
            else _in_pieces(scanners or self.load(), one, around, where, limits)
            if around and one is divided.plain
            else _detect(scanners or self.load(), one, data, where, limits)
            for (one, data), (is_known, few) in zip(texts, known, strict=True)
        ]
        return found[0] if len(found) == 1 else divided.joined(*found)


def _is_usual(pack: RulePack, path: str) -> bool:
    """Return whether a file is scanned with the same rules as most, and as it is."""
    return catalog_path(path) == ANY_PATH and len(pack.scanners_for(path)) == 1 and not is_log(path)


def _where_divided(divided: DividedText) -> list[Piece]:
    """Return the pieces of `plain` that alone differ from the text; empty if they are most of it."""
    text = divided.plain
    if divided.is_mail or divided.has_links or len(text) < _DENSE * len(divided.starts):
        return []
    pieces = pieces_around(text, divided.starts[1:])
    return pieces if 2 * sum(len(piece.around) for piece in pieces) < len(text) else []


def _detect(
    scanners: RuleScanners, text: str, data: bytes, where: Judging, limits: Limits
) -> DetectionResult:
    """Return what a text, also given in UTF-8, contains; it is scanned in pieces if it is long."""
    if not is_one_piece(data):
        return _in_pieces(scanners, text, pieces_of(text, data), where, limits)
    return _judged(text, _matches(scanners, data, where.path, where.local, limits), where, limits)


def _judged(
    text: str, matches: Matches | None, where: Judging, limits: Limits, own: range | None = None
) -> DetectionResult:
    """Return the tokens among the matches in a text, of which `own` may be a part."""
    if matches is None:
        return _NOTHING
    from tokenward.detection.judge import Judge
    from tokenward.detection.spans import placed

    found = list(placed(text, where.path, matches.data, matches.by, local=where.local, limits=limits))
    return Judge(text, *where).judge(found, own) if found else _NOTHING


def _in_pieces(
    scanners: RuleScanners, text: str, pieces: Iterable[Piece], where: Judging, limits: Limits
) -> DetectionResult:
    """Return what one scan of some pieces of a text would, with the memory of a piece; stop at MOST_FOUND."""
    found: list[Detection] = []
    ignored: list[IgnoredDetection] = []
    lines = LineCount(text)
    for piece in pieces:
        start = piece.around.start
        part = text[start : piece.around.end]
        matches = _matches(scanners, to_utf8(part), where.path, where.local, limits)
        if matches is None:
            continue
        here = where._replace(first_line=where.first_line + lines.before(start))
        result = _judged(part, matches, here, limits, piece.own)
        # Before the next ones are found.
        del matches
        found += (one.moved(start) for one in result.found)
        ignored += result.ignored
        if len(found) + len(ignored) > MOST_FOUND:
            # With one more, reports say that it stopped.
            del found[MOST_FOUND + 1 :]
            break
    if found:
        from tokenward.detection.judge import Judge

        found = Judge(text, *where).with_copies(found)
    return DetectionResult(tuple(found), tuple(ignored))


def _matches(
    scanners: RuleScanners, data: bytes, path: str, local: LocalRules, limits: Limits
) -> Matches | None:
    custom = local.custom.scanner
    source = source_of(data, catalog_path(path))
    by: list[tuple[TextScanner, Sequence[Match]]] = []
    if found := scanners.catalog.matches(source, limits):
        by.append((scanners.catalog.in_use, found))
    for scanner in scanners.pack.scanners_for(path):
        found = limits.scan(scanner, source)
        if found and (plausible := [*_plausible(found, local, path)]):
            by.append((scanner, plausible))
    if custom is not None:
        own = source_of(data, to_utf8(path).decode() or "text")
        if shown := [match for match in limits.scan(custom, own) if match.visible]:
            by.append((custom, shown))
    return Matches(data, tuple(by)) if by else None


def _plausible(matches: Iterable[Match], local: LocalRules, path: str) -> Iterator[Match]:
    """Yield our rules' matches, unless the rule is not for the file or the value cannot be a secret."""
    by_name = local.generic and may_be_by_hand(path)
    for match in matches:
        rule = match.rule_id
        if rule not in BY_NAME:
            if holds_for(rule, path):
                yield match
        elif by_name and holds_for(rule, path) and _may_be_token()(match.secret):
            yield match


@cache
def _may_be_token() -> Callable[[str], bool]:
    from tokenward.detection.generic.generic import may_be_token

    return may_be_token
