"""A person at a real Emacs with lsp-mode or Eglot, with a real gnome-keyring."""

from __future__ import annotations

from pathlib import Path

import pytest

import emacs
import tokens

COMMON = """
(defun wait (condition)
  (with-timeout (60 (error "Waited in vain for %S" condition))
    (while (not (funcall condition)) (accept-process-output nil 0.05))))
(defun text () (buffer-substring-no-properties (point-min) (point-max)))
"""
MOVE_AND_UNDO = """
(setq lsp-session-file "{home}/session" lsp-auto-guess-root t lsp-enable-file-watchers nil)
(require 'lsp-mode)
(defun warnings () (gethash (lsp--fix-path-casing buffer-file-name) (lsp-diagnostics t)))
(find-file "app.py")
(lsp)
(wait #'warnings)
(goto-char (+ 1 (lsp-get (lsp-get (lsp-get (car (warnings)) :range) :start) :character)))
(lsp-execute-code-action (elt (lsp-code-actions-at-point) 0))
(wait (lambda () (not (warnings))))
(save-some-buffers t)
(let ((moved (text)))
  (primitive-undo 1 (if (car buffer-undo-list) buffer-undo-list (cdr buffer-undo-list)))
  (wait #'warnings)
  (princ (json-encode (list moved (text)))))
"""
EGLOT = """
(setq eglot-confirm-server-edits nil)
(find-file ".env")
(call-interactively #'eglot)
(wait #'flymake-diagnostics)
(goto-char (flymake-diagnostic-beg (car (flymake-diagnostics))))
(eglot-execute (eglot-current-server) (elt (eglot-code-actions (point) (point) "quickfix") 0))
(wait (lambda () (string-search "keyring://" (text))))
(save-some-buffers t)
(princ (json-encode (list (symbol-name major-mode) (text))))
"""


def test_a_token_moves_with_its_line_in_env_and_comes_back(unlocked: dict[str, str], folder: Path) -> None:
    """The page's lines are enough: lsp-mode shows the token, moves it without a question, and undoes that."""
    if not emacs.AVAILABLE:
        pytest.skip(emacs.WHY_NOT)
    (folder / ".git").mkdir()
    app, program = folder / "app.py", f'GITHUB_TOKEN = "{tokens.github()}"\n'
    app.write_text(program, "utf-8")
    script = emacs.block(0) + COMMON + MOVE_AND_UNDO.replace("{home}", unlocked["HOME"])
    moved, undone = emacs.evaluate(script, folder, unlocked)
    assert moved == app.read_text("utf-8") == 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'
    assert (folder / ".env").read_text("utf-8") == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
    assert undone == program


def test_eglot_moves_a_token_in_an_environment_file(unlocked: dict[str, str], folder: Path) -> None:
    """The page's lines give `.env` a mode, and Eglot starts the server in it, shows the token and moves it."""
    if not emacs.AVAILABLE:
        pytest.skip(emacs.WHY_NOT)
    (folder / ".git").mkdir()
    (folder / ".env").write_text(f"GITHUB_TOKEN={tokens.github()}\n", "utf-8")
    mode, text = emacs.evaluate(emacs.block(1) + COMMON + EGLOT, folder, unlocked)
    assert mode == "conf-unix-mode"
    assert text == (folder / ".env").read_text("utf-8") == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
