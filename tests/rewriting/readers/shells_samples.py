from __future__ import annotations

from rewriting.readers.samples import Refused

REFUSED = (
    Refused("shells at their start", ".bashrc", "export API_KEY=T0K\n", "delete the line"),
    Refused("shells at their start", "dotfiles/dot_zshrc", "export API_KEY='T0K'\n", "delete the line"),
    Refused("fish at its start", ".config/fish/config.fish", "set -gx API_KEY T0K\n", "delete the line"),
    Refused("PowerShell at its start", "PowerShell/profile.ps1", "$k = 'T0K'\n", "delete the line"),
)
