from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample(
        "shells at their start",
        ".bashrc",
        "a=b\n  export API_KEY=T0K # a\n",
        "a=b\n  # export API_KEY=set by API_KEY # a\n",
    ),
    Sample(
        "shells at their start",
        "dotfiles/dot_zshrc",
        "API_KEY='T0K'\r\n",
        "# API_KEY=set by API_KEY\r\n",
    ),
    Sample(
        "fish at its start",
        ".config/fish/config.fish",
        "set -gx API_KEY T0K\n",
        "# set -gx API_KEY set by API_KEY\n",
    ),
)
REFUSED = (
    Refused("shells at their start", ".bashrc", f"alias a='curl -u me:{'T0K'} b'\n", "delete the line"),
    Refused("shells at their start", ".zshrc", "f() { export API_KEY=T0K; }\n", "cannot be made a comment"),
    Refused("shells at their start", ".profile", "export API_KEY=a:T0K:$B\n", ""),
    Refused("fish at its start", ".config/fish/config.fish", f"curl -u me:{'T0K'} b\n", "delete the line"),
    Refused("PowerShell at its start", "PowerShell/profile.ps1", "$env:API_KEY = 'T0K'\n", "delete the line"),
)
