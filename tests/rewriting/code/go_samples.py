from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_OS = 'package a\n\nimport "os"\n\n'
_PROGRAM = """package main

import "crypto/sha256"
import "fmt"

const token = "T0K"

const (
	first = 1
	last  = "!"
)

type client struct {
	Key  string
	tags []string
}

func show(values ...string) {
	for _, value := range values {
		fmt.Printf("%x\\n", sha256.Sum256([]byte(value)))
	}
}

func defaultKey() string { return "T0K" }

func main() {
	const local = "a T0K"
	raw := `{"key": "T0K"}`
	both := "T0K:T0K"
	c := client{Key: "T0K", tags: []string{"x", "T0K"}}
	byKey := map[string]string{"T0K": "T0K"}
	switch token {
	case "T0K":
		show("case")
	}
	if c.Key == "T0K" {
		show("equal")
	}
	show(string(rune(first)), last)
	show(token, local, raw, both, c.Key, c.tags[1], byKey["T0K"], defaultKey(), "é T0K"[1:], "Bearer "+"T0K")
	for _, letter := range "T0K" {
		show(string(letter))
	}
}
"""

GO = Samples(
    language="go",
    file="main.go",
    lookup='os.Getenv("NAME")',
    moved=[
        (_OS + 'func f() { os.Setenv("OTHER", "T0K") }\n', _OS + 'func f() { os.Setenv("OTHER", E) }\n'),
        (
            _OS + 'func f() { os.Setenv("API_KEY", "T0K") }\n',
            _OS + 'func f() { os.Setenv("API_KEY", E) }\n',
        ),
        (_OS + 'var k = "T0K"\n', _OS + "var k = E\n"),
        (_OS + 'const k = "T0K"\n', _OS + "var k = E\n"),
        (_OS + 'const k string = "T0K" // c\n', _OS + "var k string = E // c\n"),
        (_OS + "var k = `a T0K`\n", _OS + "var k = (`a ` + E)\n"),
        (_OS + 'func f() { k := "a" + "T0K,T0K" }\n', _OS + 'func f() { k := "a" + (E + "," + E) }\n'),
        (_OS + '// T0K\nvar a, k = 1, "T0K"\n', _OS + "// R\nvar a, k = 1, E\n"),
        (_OS + 'func f() { os.Exit(g(T{K: "T0K"})) }', _OS + "func f() { os.Exit(g(T{K: E})) }"),
        (_OS + 'const (\n\tk = "T0K"\n)\n', _OS + "var (\n\tk = E\n)\n"),
        (
            _OS + 'var k = cmp.Or(os.Getenv("OTHER"), "T0K")\n',
            _OS + 'var k = cmp.Or(os.Getenv("OTHER"), E)\n',
        ),
        ('package a\n\nvar k = "T0K"\n', 'package a\n\nimport "os"\n\nvar k = E\n'),
        ('package a // b\r\n\r\nvar k = "T0K"\r\n', 'package a // b\r\n\r\nimport "os"\r\n\r\nvar k = E\r\n'),
        (
            'package a\n\nimport "fmt" // b\n\nvar k = "T0K"\n',
            'package a\n\nimport "fmt" // b\nimport "os"\n\nvar k = E\n',
        ),
        (
            'package a\n\nimport x "time"\n\nvar k = "T0K"\n',
            'package a\n\nimport x "time"\nimport "os"\n\nvar k = E\n',
        ),
        (
            'package a\n\nimport (\n\t"fmt"\n\t"time" // b\n\n\t"example.com/a"\n)\n\nvar k = "T0K"\n',
            'package a\n\nimport (\n\t"fmt"\n\t"os"\n\t"time" // b\n\n\t"example.com/a"\n)\n\nvar k = E\n',
        ),
        (
            'package a\n\nimport (\n\t"fmt" // b\n\n\t"example.com/a"\n)\n\nvar k = "T0K"\n',
            'package a\n\nimport (\n\t"fmt" // b\n\t"os"\n\n\t"example.com/a"\n)\n\nvar k = E\n',
        ),
        (
            'package a\n\nimport (\n\t"time"\n)\n\nvar k = "T0K"\n',
            'package a\n\nimport (\n\t"time"\n)\nimport "os"\n\nvar k = E\n',
        ),
        (
            'package a\n\nimport "fmt"\nimport "time"\n\nvar k = "T0K"\n',
            'package a\n\nimport "fmt"\nimport "time"\nimport "os"\n\nvar k = E\n',
        ),
        (
            'package a\n\n// #include <a.h>\nimport "C"\n\nvar k = "T0K"\n',
            'package a\n\n// #include <a.h>\nimport "C"\nimport "os"\n\nvar k = E\n',
        ),
    ],
    refused=[
        (_OS + 'const (\n\ta = iota\n\tk = "T0K"\n)\n', "declare the token's own with var"),
        (_OS + 'const (\n\tk = "T0K"\n\tb\n)\n', "declare the token's own with var"),
        (_OS + 'const (\n\ta = 1\n\tk = "T0K"\n)\n', "declare the token's own with var"),
        ('package a\n\nimport ("fmt"; "time")\n\nvar k = "T0K"\n', "Import os on a line"),
        ('package a; var k = "T0K"', "Import os on a line"),
        (_OS + 'const k = "T0K"\nvar n [len(k)]int\n', "or an array"),
        (_OS + 'const k = "T0K"\nconst n = k + "a"\n', "another constant or an array needs"),
        (
            _OS + 'const k = "T0K"\nvar n [len(k)]int\nconst m = len(k)\n',
            "another constant or an array needs",
        ),
        (_OS + 'func f() { const k = "T0K" }\n', "nothing uses"),
        (_OS + 'var n [len("T0K")]int\n', "length of an array"),
        (_OS + 'var k key = "T0K"\n', "type other than string"),
        (_OS + 'type a struct { b string "T0K" }\n', "no expression"),
        ('package a\n\nimport "T0K"\n', "no expression"),
        ('package a\n\nfunc f(os int) { k := "T0K" }\n', "name os"),
        ('package a\n\nimport os "example.com/os"\n\nvar k = "T0K"\n', "name os"),
        ('var k = "T0K"\n', "Import os on a line"),
        (_OS + 'func f( { k := "T0K" }\n', "not parse"),
        (_OS + "var k = T0K\n", "not inside a string"),
    ],
    named=[
        'package a\nvar apiKey = "T0K"',
        'package a\nconst x, APIKey = 1, "T0K"',
        'package a\nfunc f() { a, apiKey := "x", "T0K" }',
        'package a\nvar c = client{APIKey: "T0K"}',
        'package a\nfunc f() { c.apiKey = "T0K" }',
    ],
    readings=['os.Getenv("API_KEY")', "os.LookupEnv(`API_KEY`)"],
    program=_PROGRAM,
    toolchain=Toolchain(
        "go",
        [["go", "run", "FILE"]],
        {"GO111MODULE": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOCACHE": "/tmp/go-cache"},
    ),
)
