"""Readers of code that browsers get: any token in it is public."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.reader import Place, Reader, reader

PUBLIC = re.compile(
    r"(?:NEXT_PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|REACT_APP|VUE_APP|GATSBY|VITE|PUBLIC(?!_KEY))_\w+"
)
"""The variables whose values bundlers copy into the code for browsers."""

SHIPPED = "An app's users can read this file; keep the token on a server, and revoke this one."
BUNDLED = (
    "Bundlers copy this variable into the code for browsers, where anyone can read the token; restrict it to your site "
    "if it is meant for browsers, or else keep it on a server, and revoke this one."
)
_IN_BROWSER = (
    "Browsers get this code, where anyone can read the token, whatever its source; keep the token on a server, and "
    "revoke this one."
)

_IN_APP = (
    "By its project's files, this code becomes a part of an app, whose users can read the token, and whose devices set "
    "no variable; keep the token on a server, and revoke this one."
)
_IN_BUNDLE = (
    "By its package.json, this code is part of what browsers or users' devices get, where anyone can read the token "
    "and no variable is set; keep the token on a server, and revoke this one."
)

_ON_BOARD = (
    "A board has no environment, and its firmware holds the token as text; keep this file out of version control, and "
    "give the board a token of its own, which you can revoke."
)
_BOARD = r"^[ \t]*#[ \t]*include[ \t]*[<\"](?:Arduino|avr/|esp_|freertos/|WiFi)"

# Signs of Node, of Deno, and of frameworks that run a part of such a file on the server.
_NODE = (
    "getServerSideProps", "getStaticProps", "'use server'", '"use server"', "'node:", '"node:', "Deno.",
    "process.argv", "process.exit", "'fs'", '"fs"', "'child_process'", '"child_process"', "'http'", '"http"',
)  # fmt: skip
_SERVER = (*_NODE, "require(")
_CLIENT = (
    "'use client'", '"use client"', "import.meta.env.", "process.env.REACT_APP_", "process.env.VUE_APP_",
    "process.env.EXPO_PUBLIC_", "useState(", "useEffect(", "useLayoutEffect(", "useReducer(", "useRef(",
    "useContext(", "createRoot(", "hydrateRoot(", "createApp(", "document.getElementById", "document.querySelector",
    "document.cookie", "customElements.define(", "localStorage.", "sessionStorage.", "window.location",
    "window.fetch", "jQuery", "$.ajax(", "$.get(", "$.getJSON(", "$.post(", "$(document)", "$(function", "$(window)",
    "document.addEventListener", "document.body", "document.createElement", "window.addEventListener", "window.onload",
    "XMLHttpRequest",
    "fetch('/", 'fetch("/', "fetch(`/", "'vue'", '"vue"', "'@angular/core'", '"@angular/core"', "'svelte'", '"svelte"',
    "'solid-js'", '"solid-js"', "'react-native'", '"react-native"',
)  # fmt: skip
_FOLDERS = (
    r"(?:public|wwwroot)/(?:[^/]+/){0,2}[^/]*|(?:src|app)/environments/environment[^/]*|[^/]*\.client"
    r"|[^/]*\.component|\+(?:page|layout)"
)
_ENDINGS = {"javascript": r"\.[cm]?jsx?", "typescript": r"\.[cm]?ts", "tsx": r"\.tsx"}


def _code(language: str, ending: str) -> tuple[Reader, ...]:
    """Return the rows of a language: files in a browser's folder, code that only a browser runs, and all others."""
    return (
        reader("Browsers", language, rf"(?:{_FOLDERS}){ending}", unless=_SERVER, refusal=_IN_BROWSER),
        reader(
            "Browsers",
            language,
            rf"(?!\+server\.|[^/]*\.server\.)[^/]*{ending}",
            words=_CLIENT,
            unless=_SERVER,
            refusal=_IN_BROWSER,
        ),
        reader(
            "Browsers and apps",
            language,
            rf"[^/]*{ending}",
            unless=_NODE,
            refusal=_IN_BUNDLE,
            bundled=True,
        ),
        reader(
            "Bundlers",
            language,
            rf"[^/]*{ending}",
            Place("", PUBLIC, refusal=_IN_BROWSER),
            Place(""),
            content=PUBLIC.pattern,
        ),
    )


BROWSER = (
    reader(
        "k6",
        "javascript",
        r"[^/]*\.m?js",
        Place("__ENV.NAME", is_expression=True, whole=True),
        content=r"^import .*[\"']k6(?:/[\w/]+)?[\"']",
    ),
    *(
        reader(
            "Workers",
            language,
            rf"[^/]*{ending}",
            content=r"^export default \{[\s\S]{0,300}?\bfetch\([^)]*\benv\b|ExportedHandler<|[\"']cloudflare:workers",
            refusal=(
                "A Worker gets its variables as `env`; write env.NAME, set it by `wrangler secret put NAME`, and name "
                "it in .dev.vars."
            ),
        )
        for language, ending in _ENDINGS.items()
    ),
    reader("Browsers", "markup", r"[^/]*\.(?:vue|svelte|html?|xhtml)", refusal=_IN_BROWSER),
    *(row for language, ending in _ENDINGS.items() for row in _code(language, ending)),
    reader("Arduino", "cpp", r"[^/]*\.(?:ino|pde)", refusal=_ON_BOARD),
    *(
        reader("Boards", language, files, content=content, refusal=_ON_BOARD, bundled=not content)
        for language, files in (("c", r"[^/]*\.[ch]"), ("cpp", r"[^/]*\.(?:cc|cpp|cxx|h[hp]p|ipp|tpp)"))
        for content in (_BOARD, "")
    ),
    *(
        reader("Apps", language, rf"[^/]*\.{ending}", unless=("#!/",), refusal=_IN_APP, bundled=True)
        for language, ending in (
            ("csharp", "cs"), ("dart", "dart"), ("java", "java"), ("kotlin", "kt"), ("swift", "swift"),
        )
    ),
)  # fmt: skip
