"""`tokenward agents hook` as installed, but with time enough for a machine that many tests share."""

from tokenward.cli.main import main
from tokenward.operations.agents import answer

answer.HookRun.answer.__defaults__ = (120.0,)
main()
