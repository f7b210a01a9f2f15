from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

_PUBLIC = "where anyone can read the token"

SAMPLES = (
    Sample(
        "k6",
        "load/test.js",
        "import http from 'k6/http';\nconst headers = { A: 'Bearer T0K' };\n",
        "import http from 'k6/http';\nconst headers = { A: __ENV.API_KEY };\n",
    ),
    Sample(
        "Bundlers",
        "src/api.ts",
        'const site = process.env.NEXT_PUBLIC_SITE;\nexport const key: string = "T0K";\n',
        "const site = process.env.NEXT_PUBLIC_SITE;\nexport const key: string = process.env.API_KEY!;\n",
    ),
    Sample(
        "Bundlers",
        "pages/index.jsx",
        "// VITE_A\nexport const getServerSideProps = () => call('T0K');\nconst [a] = useState();\n",
        "// VITE_A\nexport const getServerSideProps = () => call(process.env.API_KEY);\nconst [a] = useState();\n",
    ),
    Sample(
        "Browsers",
        "app/page.tsx",
        "'use client';\n// once T0K\n",
        "'use client';\n// once keyring://acme/API_KEY\n",
    ),
)

REFUSED = (
    *(
        Refused(
            "Workers",
            f"src/a.{ending}",
            f"export default {{\n  async fetch({words}) {{ return 'T0K'; }},\n}};\n",
            "env.NAME",
        )
        for ending, words in (
            ("js", "a, env"),
            ("ts", "a: Request, env: Env"),
            ("tsx", "a: Request, env: Env"),
        )
    ),
    *(
        Refused("Firebase's functions", path, text, "firebase functions:secrets:set NAME", builds=builds)
        for path, text, builds in (
            ("functions/index.js", "require('firebase-functions');\nconst key = 'T0K';\n", {}),
            ("functions/src/client.ts", "const key = 'T0K';\n", {"firebase.json": "{}"}),
            ("functions/main.py", "from firebase_functions import https_fn\nkey = 'T0K'\n", {}),
        )
    ),
    Refused("Supabase's functions", "supabase/functions/a/index.ts", "const key = 'T0K';\n", "Deno.env.get"),
    Refused("Browsers", "app/page.tsx", "'use client';\nconst key = \"T0K\";\n", _PUBLIC),
    Refused("Browsers", "src/api.ts", "fetch('/a', { headers: { Authorization: 'T0K' } });\n", _PUBLIC),
    Refused("Browsers", "src/app.jsx", "const [a] = useState('T0K');\n", _PUBLIC),
    Refused(
        "Browsers",
        "src/api.js",
        "fetch(import.meta.env.VITE_URL, { headers: { Authorization: `T0K` } });\n",
        _PUBLIC,
    ),
    Refused(
        "Browsers",
        "src/environments/environment.prod.ts",
        "export const environment = { key: 'T0K' };\n",
        _PUBLIC,
    ),
    Refused("Browsers", "public/js/a.js", "call('T0K')\n", _PUBLIC),
    Refused("Browsers", "src/App.vue", '<script setup>\nconst key = "T0K"\n</script>\n', _PUBLIC),
    Refused("Browsers", "src/App.svelte", "#key {}\n#T0K\n", _PUBLIC),
    Refused("Browsers", "index.html", '<meta name="token" content="T0K">\n', _PUBLIC),
    *(
        Refused("Browsers and apps", f"src/api.{ending}", "create({ key: 'T0K' })\n", _PUBLIC, bundled=True)
        for ending in ("js", "ts", "tsx")
    ),
    Refused(
        "Browsers",
        "acme/admin.js",
        "jQuery(function ($) { $.ajax({ headers: { Authorization: 'T0K' } }); });\n",
        _PUBLIC,
    ),
    Refused("Arduino", "weather/weather.ino", 'const char *key = "T0K";\n', "board has no environment"),
    Refused("Boards", "weather/secrets.h", '#define KEY "T0K"\n', "of its own", bundled=True),
    Refused("Boards", "src/net.hpp", 'inline auto k = "T0K";\n', "of its own", bundled=True),
    Refused("Boards", "src/a.c", '#include <esp_wifi.h>\nconst char *k = "T0K";\n', "of its own"),
    Refused("Boards", "src/a.cpp", '#include <Arduino.h>\nauto k = "T0K";\n', "of its own"),
    *(
        Refused("Apps", f"src/main/Api.{ending}", text, "becomes a part of an app", bundled=True)
        for ending, text in (
            ("cs", 'class Api { string key = "T0K"; }\n'),
            ("dart", "final key = 'T0K';\n"),
            ("java", 'class Api { String key = "T0K"; }\n'),
            ("kt", 'val key = "T0K"\n'),
            ("swift", 'let key = "T0K"\n'),
        )
    ),
    Refused("Bundlers", "src/api.ts", 'const key = process.env.NEXT_PUBLIC_KEY ?? "T0K";\n', _PUBLIC),
    Refused("Bundlers", "next.config.js", "module.exports = { env: { REACT_APP_KEY: 'T0K' } };\n", _PUBLIC),
)
