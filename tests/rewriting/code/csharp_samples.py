from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_MODERN = "using System;\n\nnamespace A;\n\n"
_SHORT = 'Environment.GetEnvironmentVariable("API_KEY")'


def _class(body: str) -> str:
    return f"class A {{ {body} }}\n"


_PROGRAM = """
using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

class Client {
    public string ApiKey { get; set; } = "T0K";
    public string Header => "Bearer T0K";
}

class Program {
    private const string Token = "T0K", Other = "x T0K";
    static readonly string Url = $"https://user:T0K@{Other.Length}.example.com/{{}}";

    static void Show(params object[] values) {
        foreach (object value in values) {
            byte[] digest = SHA256.Create().ComputeHash(Encoding.UTF8.GetBytes(value.ToString()));
            Console.WriteLine(string.Concat(digest.Select(part => part.ToString("x2"))));
        }
    }

    static string Key(int kind) { return kind == 1 ? "T0K" : @"a\\ ""T0K"; }

    static void Main() {
        const string local = "é T0K:T0K\\n";
        var client = new Client { ApiKey = "T0K" };
        var table = new Dictionary<string, string> { ["a"] = "T0K", ["T0K"] = "b" };
        string[] all = { "T0K", $@"C:\\{local} ""T0K" };
        Func<string> lazy = () => "T0K";
        Show(Token, Other, Url, Key(1), Key(2), local, client.ApiKey, client.Header);
        Show(table["a"], all[0], all[1], lazy());
        Show(new Client().ApiKey, "T0K".Length, "x" + "T0K", (object)"T0K", table["T0K"], Token == "T0K");
        foreach (char letter in "T0K") Show(letter);
    }
}
"""

CSHARP = Samples(
    language="csharp",
    file="Program.cs",
    lookup='System.Environment.GetEnvironmentVariable("NAME")',
    moved=[
        (
            _class('void F() { Environment.SetEnvironmentVariable("OTHER", "T0K"); }'),
            _class('void F() { Environment.SetEnvironmentVariable("OTHER", E); }'),
        ),
        (
            _class('void F() { Environment.SetEnvironmentVariable("API_KEY", "T0K"); }'),
            _class('void F() { Environment.SetEnvironmentVariable("API_KEY", E); }'),
        ),
        (_class('string k = "T0K"; // T0K\n'), _class("string k = E; // R\n")),
        (_class('string k = "a T0K\\n";'), _class('string k = ("a " + E + "\\n");')),
        (_class('string k = @"a ""\\T0K";'), _class('string k = (@"a ""\\" + E);')),
        (_class('string k = """a T0K b""";'), _class('string k = ("""a """ + E + """ b""");')),
        (_class('string k = $"a {b} T0K,T0K";'), _class('string k = $"a {b} {E},{E}";')),
        (_class('string k = $@"a {b} ""T0K";'), _class('string k = $@"a {b} ""{E}";')),
        (_class('string k = $$"""a {{b}} T0K""";'), _class('string k = $$"""a {{b}} {{E}}""";')),
        (_class('string k = $"""\n  a T0K\n  """;'), _class('string k = $"""\n  a {E}\n  """;')),
        (_class('string k = $"T0K";'), _class("string k = E;")),
        (_class('string k = $"{f("T0K")}";'), _class('string k = $"{f(E)}";')),
        (_class('public const string K = "T0K";'), _class("public static readonly string K = E;")),
        (_class('void F() { const string k = "T0K"; }'), _class("void F() { string k = E; }")),
        (
            _class('string[] a = ["T0K"]; string F(int i) => i switch { 1 => "T0K", _ => "x" };'),
            _class('string[] a = [E]; string F(int i) => i switch { 1 => E, _ => "x" };'),
        ),
        (
            "using System;\n" + _class('string k = "T0K";'),
            "using System;\n" + _class(f"string k = {_SHORT};"),
        ),
        (
            "using System;\n" + _class('int Environment; string k = "T0K";'),
            "using System;\n" + _class("int Environment; string k = E;"),
        ),
        (
            _MODERN + _class('string k = $"a {b} T0K"; bool c = k != "T0K";'),
            _MODERN + _class(f'string k = $"a {{b}} {{{_SHORT}!}}"; bool c = k != {_SHORT}!;'),
        ),
        ('var k = "T0K";\n', "var k = E!;\n"),
        (
            _class('string k = Environment.GetEnvironmentVariable("API_KEY") ?? "T0K";'),
            _class("string k = E;"),
        ),
        (_class('string k = a["A"] ?? "T0K";'), _class('string k = a["A"] ?? E;')),
    ],
    refused=[
        (_class('[B("T0K")] void F() {}'), "attribute"),
        (_class('void F(string a = "T0K") {}'), "default argument"),
        (_class('void F(string s) { switch (s) { case "T0K": break; } }'), "pattern"),
        (_class('const string K = "T0K"; [B(K)] void F() {}'), "constant that the compiler needs"),
        (_class('const string K = "T0K"; void F(string a = K) {}'), "constant that the compiler needs"),
        (_class('const string K = "T0K"; const string L = K + "a";'), "constant that the compiler needs"),
        (
            _class('bool F(string s) { const string k = "T0K"; return s is k; }'),
            "constant that the compiler needs",
        ),
        (_class('static Uri U = new(K); const string K = "T0K";'), "above it"),
        (
            _class('const\n string K = "T0K";') + _class('void F() { const\n string k = "T0K"; }'),
            "a constant",
        ),
        (_class('string k = """\n  T0K\n  """;'), "string of this kind"),
        (_class('ReadOnlySpan<byte> k = "T0K"u8;'), "string of bytes"),
        (_class('class System {} string k = "T0K";'), "name System"),
        (_class('string k = $"a {b:T0K}";'), "not inside a string"),
    ],
    named=[
        _class('const string ApiKey = "T0K";'),
        _class('public string ApiKey { get; } = "T0K";'),
        _class('public string ApiKey => "T0K";'),
        _class('void F() { c.ApiKey = "T0K"; }'),
        _class('void F() { G(apiKey: "T0K"); }'),
        _class('object o = new C { ApiKey = "T0K" };'),
        _class('object o = new D { ["api_key"] = "T0K" };'),
        _class('string k = Environment.GetEnvironmentVariable("API_KEY") ?? "T0K";'),
    ],
    readings=[
        'Environment.GetEnvironmentVariable("API_KEY")',
        'System.Environment.GetEnvironmentVariable("API_KEY")!',
    ],
    program=_PROGRAM,
    toolchain=Toolchain("mcs", [["mcs", "-out:main.exe", "FILE"], ["mono", "main.exe"]]),
)
