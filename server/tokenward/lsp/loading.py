"""Loads the rules in a separate thread, while the rest of the server is imported and greets the client."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread

from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.places import Places


class LoadingScanner(Future[Scanner]):
    """The scanner, or the error that prevents it.

    Attributes:
        is_compiling: its rules are being compiled, which takes seconds.
    """

    is_compiling = False


def load_scanner(places: Places) -> LoadingScanner:
    """Start to load the scanner."""
    future = LoadingScanner()

    def announce() -> None:
        future.is_compiling = True

    def load() -> None:
        try:
            detector = Detector(places.rules_cache, announce)
            detector.load()
            future.set_result(Scanner(detector, Fingerprinter(load_key(places.fingerprint_key))))
        except Exception as error:  # noqa: BLE001 - shown to the user once there is one
            future.set_exception(error)

    Thread(target=load, name="tokenward-rules", daemon=True).start()
    return future
