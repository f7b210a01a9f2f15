from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_LIB = "import 'dart:io';\n"
_PROGRAM = r"""
import 'dart:io';

const token = 'T0K', other = "x T0K";

class Client {
  static const header = 'Bearer T0K';
  final String key;
  String name = 'T0K';
  Client([String? key]) : key = key ?? 'T0K';
}

// Prints through a shell, since the language has no digest.
Future<void> show(List<Object> values) async {
  for (final value in values) {
    final digest = await Process.start('sh', ['-c', "sha256sum | cut -d ' ' -f 1"]);
    digest.stdin.write(value);
    await digest.stdin.close();
    await stdout.addStream(digest.stdout);
  }
}

String key(int kind) {
  const local = 'T0K';
  if (kind == 1) return 'T0K';
  return kind == 2 ? local : 'é $kind T0K:T0K\n';
}

Future<void> main() async {
  final raw = r'a\T0K';
  final text = ""\"
{"key": "T0K"}
""\";
  final table = {'a': 'T0K', 'T0K': 'b'};
  final list = ['a', 'T0K'];
  final lazily = () => 'T0K';
  await show([token, other, Client.header, Client().key, Client('T0K').name, key(1), key(2), key(3), raw, text]);
  await show([table['a']!, list[1], lazily(), 'x' + 'T0K', 'T0K'.length, ('T0K' as Object)]);
  if (token == 'T0K') await show(['equal']);
}
""".replace('"\\"', '""')

DART = Samples(
    language="dart",
    file="main.dart",
    lookup="Platform.environment['NAME']!",
    moved=[
        (_LIB + "var k = 'T0K'; // T0K\n", _LIB + "var k = E; // R\n"),
        (_LIB + "const k = 'T0K';\n", _LIB + "final k = E;\n"),
        (
            _LIB + "const String k = \"a $b T0K\", l = 'c';\n",
            _LIB + "final String k = \"a $b ${E}\", l = 'c';\n",
        ),
        (_LIB + "class A { static const k = ['T0K']; }\n", _LIB + "class A { static final k = [E]; }\n"),
        (_LIB + "void f() { const k = 'T0K', l = k2; }\n", _LIB + "void f() { final k = E, l = k2; }\n"),
        (_LIB + "var k = r'a T0K'.length;\n", _LIB + "var k = (r'a ' + E).length;\n"),
        (_LIB + "var k = '''\na T0K\\n''';\n", _LIB + "var k = '''\na ${E}\\n''';\n"),
        (_LIB + "f() => g('T0K', a: 'T0K', b: {'c': 'T0K'});\n", _LIB + "f() => g(E, a: E, b: {'c': E});\n"),
        (_LIB + "var k = Platform.environment['API_KEY'] ?? 'T0K';\n", _LIB + "var k = E;\n"),
        (_LIB + "var k = a ?? b['c'] ?? 'T0K';\n", _LIB + "var k = a ?? b['c'] ?? E;\n"),
        (
            "import 'package:a/a.dart';\n\nvar k = 'T0K';\n",
            "import 'package:a/a.dart';\nimport 'dart:io';\n\nvar k = E;\n",
        ),
        ("library a;\n\nvar k = 'T0K';\n", "library a;\n\nimport 'dart:io';\n\nvar k = E;\n"),
        (
            "import 'dart:io' show File, Platform;\nvar k = 'T0K';\n",
            "import 'dart:io' show File, Platform;\nvar k = E;\n",
        ),
    ],
    refused=[
        (_LIB + "@A('T0K') class B {}\n", "an annotation"),
        (_LIB + "f({String a = 'T0K'}) {}\n", "default argument"),
        (_LIB + "f() { switch (s) { case 'T0K': } }\n", "a pattern"),
        (_LIB + "var k = const ['T0K'];\n", "a constant"),
        (_LIB + "var k = const A('T0K');\n", "a constant"),
        (_LIB + "class A { final String k; const A() : k = 'T0K'; }\n", "a constant"),
        (_LIB + "const k = 'T0K';\nconst l = [k];\n", "the compiler needs"),
        (_LIB + "const k = 'T0K';\nvar l = const [k];\n", "the compiler needs"),
        (_LIB + "const k = 'T0K';\nf([a = k]) {}\n", "the compiler needs"),
        (_LIB + "var k = 'a' 'T0K';\n", "several parts"),
        (_LIB + "const k = String.fromEnvironment('A', defaultValue: 'T0K');\n", "part of a fallback"),
        ("part of a;\nvar k = 'T0K';\n", "a part of a library"),
        ("import 'package:flutter/material.dart';\nvar k = 'T0K';\n", "devices"),
        ("import 'dart:html';\nvar k = 'T0K';\n", "devices"),
        ("class Platform {}\nvar k = 'T0K';\n", "name Platform"),
        ("import 'T0K';\n", "no expression"),
    ],
    named=[
        "const apiKey = 'T0K';",
        "class A { static const String apiKey = 'T0K'; }",
        "class A { String apiKey = 'T0K'; }",
        "f() { final apiKey = 'T0K'; }",
        "f() { client.apiKey = 'T0K'; }",
        "f() { g(apiKey: 'T0K'); }",
        "var c = {'api_key': 'T0K'};",
        "var k = Platform.environment['API_KEY'] ?? 'T0K';",
    ],
    readings=["Platform.environment['API_KEY']", "String.fromEnvironment('API_KEY')"],
    program=_PROGRAM,
    toolchain=Toolchain("dart", [["dart", "run", "FILE"]]),
)
