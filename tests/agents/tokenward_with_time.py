"""`tokenward` as installed, but with time enough for its hooks on a machine that many tests share."""

import sys

import tokenward.fast_dataclasses  # noqa: F401 - first, as in the command itself
from tokenward import thin_client
from tokenward.cli.main import main

thin_client.HOOK_SECONDS = 60.0
if thin_client.is_hook(sys.argv[1:]):
    from tokenward.cli.support import agent_hook, clipboard

    clipboard._MOST_SECONDS = 60.0
    agent_hook.DEADLINE = 120.0
main()
