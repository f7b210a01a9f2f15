from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_LIB = "#include <stdlib.h>\n"


def _main(body: str) -> str:
    return f"{_LIB}int main(void) {{ {body} }}\n"


_PROGRAM = """
#include <stdio.h>
#include <string.h>

#define KEY "T0K"

/* Prints through a shell, since C has no digest of its own. */
static void show(const char *value) {
    FILE *digest = popen("sha256sum | cut -d ' ' -f 1", "w");
    fputs(value, digest);
    pclose(digest);
}

static const char *const pointer = "T0K";

static const char *key(int kind) { return kind ? "T0K" : "x"; }

int main(void) {
    const char *local = "T0K", *other;
    other = "T0K";
    show(local);
    show(other);
    show(KEY);
    show("T0K");
    show(key(1));
    show(pointer);
    if (strcmp(pointer, local) == 0) show("equal");
    if (strcmp(local, "T0K") == 0) show("equal");
    char first[2] = {"T0K"[0], 0};
    show(first);
    return 0;
}
"""

C = Samples(
    language="c",
    file="main.c",
    lookup='getenv("NAME")',
    moved=[
        (_main('setenv("OTHER", "T0K", 1);'), _main('setenv("OTHER", E, 1);')),
        (_main('setenv("API_KEY", "T0K", 1);'), _main('setenv("API_KEY", E, 1);')),
        (_main('const char *k = "T0K"; // T0K\n'), _main("const char *k = E; // R\n")),
        (
            _LIB + '#define K "T0K" // c\nvoid f(void) { g(K); }\n',
            _LIB + "#define K E // c\nvoid f(void) { g(K); }\n",
        ),
        (
            _LIB
            + 'static const char *k = "T0K";\nstatic char*  const l="T0K" ; \nvoid f(void) { g(k, l); }\n',
            _LIB + "#define k E\n#define l E \nvoid f(void) { g(k, l); }\n",
        ),
        (_main('f("T0K", x ? (char *)"T0K" : y);'), _main("f(E, x ? (char *)E : y);")),
        (
            '#include <stdio.h> // b\r\n#include "a.h"\r\n\r\nvoid f(void) { g("T0K"); }\r\n',
            '#include <stdio.h> // b\r\n#include "a.h"\r\n#include <stdlib.h>\r\n\r\nvoid f(void) { g(E); }\r\n',
        ),
        (
            '/* a */\n\n/* b */\nvoid f(void) { g("T0K"); }\n',
            "/* a */\n\n#include <stdlib.h>\n\n/* b */\nvoid f(void) { g(E); }\n",
        ),
    ],
    refused=[
        (_LIB + 'static const char *k = "T0K";\n', "before the program runs"),
        (_LIB + 'const char *k = "T0K";\nvoid f(void) { g(k); }\n', "before the program runs"),
        (_LIB + 'static const char *k = "T0K", *l;\nvoid f(void) { g(k); }\n', "before the program runs"),
        (_LIB + 'static const char *k = "T0K"; int i;\nvoid f(void) { g(k); }\n', "before the program runs"),
        (_LIB + 'static const char *k = "T0K"; // c\nvoid f(void) { g(k); }\n', "before the program runs"),
        (_LIB + 'static const char k[] = "T0K";\nvoid f(void) { g(k); }\n', "before the program runs"),
        (_LIB + 'static const char *k = "T0K";\nvoid f(void) { k = 0; }\n', "no expression"),
        (_LIB + 'static const char *k = "T0K";\nvoid f(void) { g(&k); }\n', "no expression"),
        (_LIB + 'static const char *k = "T0K";\nvoid f(char *k) { g(k); }\n', "no expression"),
        (_LIB + 'static const char *k = "T0K";\nvoid f(struct s s) { g(s.k, k); }\n', "no expression"),
        (_LIB + 'static const char *k = "T0K";\nvoid f(void) { g(sizeof(k)); }\n', "a size"),
        (_LIB + 'static const char *k = "T0K";\nstatic const char *l = k;\n', "before the program runs"),
        (_LIB + 'static const char *k = "T0K";\n#define L k\nvoid f(void) { g(k); }\n', "no expression"),
        (_main('static const char *k = "T0K";'), "before the program runs"),
        (_main('char k[] = "T0K";'), "array of characters"),
        (_main('f("a T0K");'), "part of a string"),
        (_main('f("a" "T0K");'), "no expression"),
        (_main('f(sizeof("T0K"));'), "a size"),
        (_main('f(L"T0K");'), "of this kind"),
        (_LIB + '#define K "T0K"\n', "other files"),
        (_LIB + '#define K "a T0K"\nvoid f(void) { g(K); }\n', "part of a string"),
        (_LIB + '#define K ("T0K")\nvoid f(void) { g(K); }\n', "not inside a string"),
        (_LIB + '#define K "T0K"\nstatic const char *k = K;\n', "before the program runs"),
        (_LIB + '#define K "T0K"\nvoid f(void) { g("a" K); }\n', "no expression"),
        (_LIB + '#define K "T0K"\n#define L K\nvoid f(void) { g(K); }\n', "no expression"),
        (_LIB + '#define K "T0K"\nvoid f(void) { char k[] = K; g(sizeof(K)); }\n', "array of characters"),
        ('#include "T0K"\n', "no expression"),
    ],
    named=[
        _main('const char *api_key = "T0K";'),
        'static const char *api_key = "T0K";\nvoid f(void) { g(api_key); }\n',
        '#define API_KEY "T0K"\n',
        _main('client->api_key = "T0K";'),
        _main('c = (struct c){.api_key = "T0K"};'),
    ],
    readings=['getenv("API_KEY")', 'secure_getenv("API_KEY")'],
    program=_PROGRAM,
    toolchain=Toolchain("gcc", [["gcc", "-Wall", "-Werror", "-o", "main", "FILE"], ["./main"]]),
)
