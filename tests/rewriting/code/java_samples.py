from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain


def _class(body: str) -> str:
    return f"class A {{ {body} }}\n"


_SPRING = "import org.springframework.beans.factory.annotation.Value;\n"
_PROGRAM = """
import static java.lang.System.out;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.Supplier;

class Main {
    private static final String TOKEN = "T0K";
    enum Kind {
        ONE("T0K");
        final String key;
        Kind(String key) { this.key = key; }
    }

    static void show(Object... values) throws Exception {
        for (Object value : values) {
            byte[] bytes = value.toString().getBytes(StandardCharsets.UTF_8);
            out.println(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        }
    }

    static String key(int kind) {
        return switch (kind) { case 1 -> "T0K"; default -> "x" + "T0K"; };
    }

    public static void main(String[] args) throws Exception {
        String[] all = {"T0K", "é T0K:T0K\\n"};
        Supplier<String> lazy = () -> "T0K";
        final String local = args.length == 0 ? "T0K" : (String) "x";
        show(TOKEN, all[0], all[1], lazy.get(), local, Kind.ONE.key, key(1), key(2), "T0K".length());
        if (!"T0K".equals(local)) { throw new IllegalStateException("T0K"); }
    }
}
"""

JAVA = Samples(
    language="java",
    file="Main.java",
    lookup='System.getenv("NAME")',
    moved=[
        (_class('static final String K = "T0K";'), _class("static final String K = E;")),
        (_class('String k = "a T0K\\n";'), _class('String k = ("a " + E + "\\n");')),
        (_class('String a = "x" + "T0K", b = "T0K,T0K";'), _class('String a = "x" + E, b = (E + "," + E);')),
        (_class('void f() { g("T0K"); /* T0K */ } // T0K\n'), _class("void f() { g(E); /* R */ } // R\n")),
        (
            "import static java.lang.System.out;\n" + _class('void f() { System.out.println("T0K"); }'),
            "import static java.lang.System.out;\n" + _class("void f() { System.out.println(E); }"),
        ),
        (_class('int n = "aT0K".length();'), _class('int n = ("a" + E).length();')),
        (_class('String k = System.getenv().getOrDefault("API_KEY", "T0K");'), _class("String k = E;")),
        (
            _class('String k = Objects.requireNonNullElse(System.getenv("API_KEY"), "T0K");'),
            _class("String k = E;"),
        ),
        (
            _class('String k = Optional.ofNullable(System.getenv("API_KEY")).orElse("T0K");'),
            _class("String k = E;"),
        ),
        (_SPRING + _class('@Value("T0K") String k;'), _SPRING + _class('@Value("${API_KEY}") String k;')),
        (
            _SPRING + _class('@Value("${api.key:T0K}") String k;'),
            _SPRING + _class('@Value("${api.key:${API_KEY}}") String k;'),
        ),
        (
            _SPRING + _class('A(@Value("${a.b} T0K") String k, String l) { l = "T0K"; }'),
            _SPRING + _class('A(@Value("${a.b} ${API_KEY}") String k, String l) { l = E; }'),
        ),
    ],
    refused=[
        (_class('@Value("T0K") String k;'), "annotation"),
        (_SPRING + _class('@Value("${T0K:}") String k;'), "property"),
        ("import android.os.Bundle;\n" + _class('String k = "T0K";'), "devices"),
        (_class('@B("T0K") void f() {}'), "annotation"),
        (_class('@B(c = {"T0K"}) void f() {}'), "annotation"),
        ('@interface A { String k() default "T0K"; }', "annotation"),
        (_class('void f(String s) { switch (s) { case "T0K": } }'), "a case"),
        (_class('static final String K = "T0K"; @B(K) void f() {}'), "constant of an annotation"),
        (
            _class('void f(String s) { final String k = "T0K"; switch (s) { case k: } }'),
            "constant of an annotation",
        ),
        (_class('String k = """\n  T0K""";'), "string of this kind"),
        (_class('class System {} String k = "T0K";'), "name System"),
        (_class('String k = "\\u0041T0K" + T0K;'), "not inside a string"),
    ],
    named=[
        _class('static final String API_KEY = "T0K";'),
        _class('void f() { this.apiKey = "T0K"; }'),
        _class('@B(apiKey = "T0K") void f() {}'),
        _class('@Value("T0K") String apiKey;'),
        _class('A(@Value("T0K") String apiKey) {}'),
        _class('String k = System.getenv().getOrDefault("API_KEY", "T0K");'),
    ],
    readings=['@Value("${API_KEY}")', 'System.getenv("API_KEY")', 'System.getenv().get("API_KEY")'],
    program=_PROGRAM,
    toolchain=Toolchain("javac", [["javac", "-encoding", "UTF-8", "FILE"], ["java", "-cp", ".", "Main"]]),
)
