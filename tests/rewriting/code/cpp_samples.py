from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_LIB = "#include <string>\n#include <cstdlib>\n"


def _main(body: str) -> str:
    return f"{_LIB}int main() {{ {body} }}\n"


_PROGRAM = r"""
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Prints through a shell, since the language has no digest.
static void show(std::string_view value) {
    FILE *digest = popen("sha256sum | cut -d ' ' -f 1", "w");
    fwrite(value.data(), 1, value.size(), digest);
    pclose(digest);
}

const std::string header = "Bearer T0K";
static const char *plain = "T0K";
constexpr const char *fixed = "T0K";
constexpr std::string_view view = "T0K";
inline constexpr auto deduced = "T0K";

class Client {
  public:
    static constexpr std::string_view member = "T0K";
    std::string key = "T0K";
    std::string braced{"T0K"};
    std::string given;
    Client(std::string text = "T0K") : given("T0K") { given += text; }
};

static std::string key(int kind) {
    if (kind == 1) return "T0K";
    static const char *local = "T0K";
    return kind == 2 ? "T0K" : local;
}

int main() {
    std::map<std::string, std::string> table = {{"a", "T0K"}, {"T0K", "b"}};
    std::vector<std::string> list{"a", "T0K"};
    auto raw = std::string(R"x({"key": "T0K"})x");
    std::string both = "é T0K:T0K\n";
    both = "a" + both + "T0K";
    Client client;
    for (std::string_view value : {view, std::string_view(header), Client::member}) show(value);
    for (const auto &value : {list[1], raw, both, client.key, client.braced, client.given}) show(value);
    show(plain);
    show(fixed);
    show(deduced);
    show("T0K");
    show(key(1));
    show(key(2));
    show(key(3));
    show(table["a"]);
    show(table["T0K"]);
    show("x" + std::string("a T0K") + "T0K");
    if (both != "T0K" && list[1] == "T0K") show("equal");
    auto lazy = [] { return "T0K"; };
    show(lazy());
    show(std::string(1, "T0K"[0]));
    return 0;
}
"""

CPP = Samples(
    language="cpp",
    file="main.cpp",
    lookup='std::getenv("NAME")',
    moved=[
        (_main('setenv("OTHER", "T0K", 1);'), _main('setenv("OTHER", E, 1);')),
        (_main('setenv("API_KEY", "T0K", 1);'), _main('setenv("API_KEY", E, 1);')),
        (_main('auto k = "T0K"; // T0K\n'), _main("auto k = E; // R\n")),
        (_LIB + 'const std::string k = "T0K";\n', _LIB + "const std::string k = E;\n"),
        (_LIB + 'std::string k{"a T0K"};\n', _LIB + 'std::string k{(std::string() + "a " + E)};\n'),
        (_main('k += f(std::string("a T0K"));'), _main('k += f(std::string((std::string() + "a " + E)));')),
        (
            _main('if (k == "a T0K") std::cout << "T0K b";'),
            _main('if (k == (std::string() + "a " + E)) std::cout << (std::string() + E + " b");'),
        ),
        (_main('auto k = R"x(T0K)x";'), _main("auto k = E;")),
        (_LIB + 'std::string k = R"x(T0K")x";\n', _LIB + 'std::string k = (std::string() + E + R"x(")x");\n'),
        (_LIB + 'constexpr const char* k = "T0K";\n', _LIB + "static const char* k = E;\n"),
        (_LIB + 'static constexpr const char* k = "T0K";\n', _LIB + "static const char* k = E;\n"),
        (_LIB + 'constexpr std::string_view k = "T0K";\n', _LIB + "const std::string_view k = E;\n"),
        (_main('constexpr auto k = "T0K";'), _main("const auto k = E;")),
        (
            _LIB + 'struct A { static constexpr auto k = "T0K"; };\n',
            _LIB + "struct A { static inline const auto k = E; };\n",
        ),
        (_main('auto k = std::getenv("API_KEY") ? std::getenv("API_KEY") : "T0K";'), _main("auto k = E;")),
        (
            _main('auto k = std::getenv("A") ? std::getenv("A") : "T0K";'),
            _main('auto k = std::getenv("A") ? std::getenv("A") : E;'),
        ),
        (_LIB + '#define K "T0K"\nstd::string k = K;\n', _LIB + "#define K E\nstd::string k = K;\n"),
        (
            '#include "a.h"\nauto k = "T0K", l = std::getenv("A");\n',
            '#include "a.h"\nauto k = E, l = std::getenv("A");\n',
        ),
        ('#include "a.h"\nauto k = "T0K";\n', '#include "a.h"\n#include <cstdlib>\nauto k = E;\n'),
    ],
    refused=[
        (_LIB + 'const char k[] = "T0K";\n', "array of characters"),
        (_main('f("a T0K");'), "not be a std::string"),
        (_main('const char* k = "a T0K";'), "not be a std::string"),
        (_main('auto k = "a" "T0K";'), "no expression"),
        (_main('auto k = "T0K"s;'), "no expression"),
        (_main('auto k = u8"T0K";'), "of this kind"),
        (_main('auto k = sizeof("T0K");'), "a size"),
        (_main('for (auto k : {"T0K", "a"}) f(k);'), "a loop"),
        (_main('auto f = [&] { if (a) return "b"; return "T0K"; };'), "other results"),
        (_LIB + 'constexpr auto f() { return "T0K"; }\n', "the compiler evaluates"),
        (_LIB + 'constexpr auto k = "T0K";\nconstexpr auto l = k;\n', "the compiler needs"),
        (_LIB + 'constexpr auto k = "T0K";\nstatic_assert(k);\n', "the compiler needs"),
        (_LIB + 'constexpr auto k = "T0K";\nconstexpr auto f() { return k[0]; }\n', "the compiler needs"),
        (_LIB + '[[deprecated("T0K")]] void f();\n', "an attribute"),
        (_LIB + '#define K "T0K"\n', "other files"),
        (_LIB + '#define K "T0K"\nconstexpr auto k = K;\n', "the compiler evaluates"),
        ('#include "T0K"\n', "no expression"),
    ],
    named=[
        'const std::string API_KEY = "T0K";',
        'constexpr const char* api_key = "T0K";',
        _main('client->api_key = "T0K";'),
        _main('std::string api_key("T0K");'),
        'struct A { std::string api_key = "T0K"; };',
        'struct A { A() : api_key("T0K") {} };',
        _main('f(A{.api_key = "T0K"});'),
    ],
    readings=['std::getenv("API_KEY")', 'getenv("API_KEY")'],
    program=_PROGRAM,
    toolchain=Toolchain("g++", [["g++", "-std=c++17", "-Wall", "-Werror", "-o", "main", "FILE"], ["./main"]]),
)
