"""A check is repeated even if it fails, without the text of the failure in the log."""

from __future__ import annotations

from threading import Semaphore

import pytest

from tokenward.lsp.client.repeated_checks import RepeatedCheck


def test_a_check_that_fails_is_repeated_until_it_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    done = Semaphore(0)

    def check() -> None:
        done.release()
        raise RuntimeError("a value")

    repeated = RepeatedCheck("tokenward-checks", check)
    repeated.begin()
    assert done.acquire(timeout=60)
    repeated.check_now()
    assert done.acquire(timeout=60)
    repeated.close()
    assert "tokenward-checks failed: RuntimeError" in caplog.text
    assert "a value" not in caplog.text
