from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_LIB = "import Foundation\n"
_PROGRAM = r"""
import Foundation

let token = "T0K"

struct Config {
    static let header = "Bearer T0K"
    let key: String
    var name: String { "x T0K" }
    init(key: String = "T0K") { self.key = key }
}

// Prints through a shell, since Foundation has no digest.
func show(_ values: Any...) {
    for value in values {
        let digest = Process(), pipe = Pipe()
        digest.executableURL = URL(fileURLWithPath: "/bin/sh")
        digest.arguments = ["-c", "sha256sum | cut -d ' ' -f 1"]
        digest.standardInput = pipe
        try! digest.run()
        pipe.fileHandleForWriting.write("\(value)".data(using: .utf8)!)
        pipe.fileHandleForWriting.closeFile()
        digest.waitUntilExit()
    }
}

func key(_ kind: Int) -> String {
    if kind == 1 { return "T0K" }
    return kind == 2 ? "T0K" : "é \(kind) T0K:T0K\n"
}

let raw = #"{"key": "T0K"}"#
let text = ""\"
    a \(token.count) T0K
    ""\"
let table = ["a": "T0K", "T0K": "b"]
let list = ["a", "T0K"]
let lazily = { "T0K" }
show(token, Config.header, Config().key, Config().name, key(1), key(2), key(3), raw, text)
show(table["a"]!, table["T0K"]!, list[1], lazily(), "x" + "T0K", "T0K".count, "T0K" as Any)
if token == "T0K" { show("equal") }
""".replace('"\\"', '""')

SWIFT = Samples(
    language="swift",
    file="main.swift",
    lookup='ProcessInfo.processInfo.environment["NAME"]!',
    moved=[
        (_LIB + 'setenv("OTHER", "T0K", 1)\n', _LIB + 'setenv("OTHER", E, 1)\n'),
        (_LIB + 'setenv("API_KEY", "T0K", 1)\n', _LIB + 'setenv("API_KEY", E, 1)\n'),
        (_LIB + 'let k = "T0K" // T0K\n', _LIB + "let k = E // R\n"),
        (_LIB + 'let k: String? = "a \\(b) T0K\\n"\n', _LIB + 'let k: String? = "a \\(b) \\(E)\\n"\n'),
        (_LIB + 'let k = #"a "T0K"#\n', _LIB + 'let k = #"a "\\#(E)"#\n'),
        (_LIB + 'let k = ##"a T0K"##\n', _LIB + 'let k = (##"a "## + E)\n'),
        (_LIB + 'let k = """\n  a T0K\n  """\n', _LIB + 'let k = """\n  a \\(E)\n  """\n'),
        (_LIB + 'var k: String { "T0K" }\n', _LIB + "var k: String { E }\n"),
        (
            _LIB + 'func f(a: String = "T0K") { g("T0K", k: ["a": "T0K"]) }\n',
            _LIB + 'func f(a: String = E) { g(E, k: ["a": E]) }\n',
        ),
        (_LIB + 'let k = ProcessInfo.processInfo.environment["API_KEY"] ?? "T0K"\n', _LIB + "let k = E\n"),
        (
            _LIB + 'let k = ProcessInfo.processInfo.environment["API_KEY", default: "T0K"]\n',
            _LIB + "let k = E\n",
        ),
        (_LIB + 'let k = a ?? b["c"] ?? "T0K"\n', _LIB + 'let k = a ?? b["c"] ?? E\n'),
        ('import A\n\nlet k = "T0K"\n', "import A\nimport Foundation\n\nlet k = E\n"),
    ],
    refused=[
        (_LIB + '@A("T0K") var k: String\n', "an attribute"),
        (_LIB + 'enum A: String { case b = "T0K" }\n', "a raw value"),
        (_LIB + 'func f() { switch s { case "T0K": break\ndefault: break } }\n', "a pattern"),
        (_LIB + 'let k: StaticString = "T0K"\n', "other than String"),
        (_LIB + 'let k: URL = "T0K"\n', "other than String"),
        ('import SwiftUI\nlet k = "T0K"\n', "devices"),
        (_LIB + 'struct ProcessInfo {}\nlet k = "T0K"\n', "name ProcessInfo"),
        (_LIB + "let k = /T0K/\n", "not inside a string"),
    ],
    named=[
        'let apiKey = "T0K"',
        'struct A { static let apiKey: String = "T0K" }',
        'var apiKey: String { return "T0K" }',
        'client.apiKey = "T0K"',
        'client["apiKey"] = "T0K"',
        'f(apiKey: "T0K")',
        'let k = ProcessInfo.processInfo.environment["API_KEY"] ?? "T0K"',
    ],
    readings=['ProcessInfo.processInfo.environment["API_KEY"]', 'getenv("API_KEY")'],
    program=_PROGRAM,
    toolchain=Toolchain("swiftc", [["swiftc", "-o", "main", "FILE"], ["./main"]]),
)
