"""Variables that could harm a program that is started with them."""

from __future__ import annotations

import re

# With one of these set, a program may break, or serve the author of a hostile file.
_DANGEROUS = re.compile(
    "(?:LD|DYLD|LC|XDG|DBUS|KEYRING|TOKENWARD)_.*|BASH.*|(?:PERL5|RUBY|PYTHON)[A-Z0-9]*|PYTHON_KEYRING.*"
    "|NODE_(?:OPTIONS|PATH|EXTRA.*|TLS.*|REDIRECT.*)|GIT_(?!TOKEN|PAT|PASSWORD).*|(?:_?JAVA_|JDK_).*OPTIONS"
    "|SSL_?(?:CERT|KEYLOG).*|(?:HTTPS?|ALL|NO|FTP)_PROXY|CLASSPATH|PATH|PATHEXT|HOME|SHELL|ENV|IFS|PS[0-9]"
    "|PROMPT_COMMAND|ZDOTDIR|USER|LOGNAME|LANG|LANGUAGE|TERM|PWD|OLDPWD|TMPDIR|TEMP|TMP|EDITOR|VISUAL|PAGER"
    "|DOTNET_(?:STARTUP|ROOT|ADDITIONAL|SHARED).*|COR(?:ECLR)?_.*|RUSTC.*|RUSTFLAGS|CARGO_(?:HOME|BUILD|TARGET).*"
    "|(?:MAVEN|GRADLE)_OPTS|NPM_CONFIG_(?!.*(?:AUTH|TOKEN|PASSWORD)).*"
    "|BROWSER|DISPLAY|COMSPEC|SYSTEMROOT|WINDIR|(?:LOCAL)?APPDATA|USERPROFILE"
)


def is_dangerous(name: str) -> bool:
    """Return whether a file must not choose a variable of this name."""
    return _DANGEROUS.fullmatch(name.upper()) is not None
