"""`tokenward` as installed, but with time enough for its hooks on a machine that many tests share."""

import sys

from tokenward import thin_client
from tokenward.cli.main import main

thin_client.HOOK_SECONDS = 60.0
if thin_client.is_hook(sys.argv[1:]):
    from tokenward.cli.support import clipboard
    from tokenward.operations.agents import answer

    clipboard._MOST_SECONDS = 60.0
    answer.HookRun.answer.__defaults__ = (120.0,)
main()
