from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = '''
using SHA

const TOKEN = "T0K"

show_all(values...) = foreach(value -> println(bytes2hex(sha256(string(value)))), values)

function key(kind="T0K"; other="x T0K\\n")
    return kind == "T0K" ? "T0K" : other
end

name = "n"
double = "é T0K $name:T0K"
long = """
  a T0K $(name)
  """
table = Dict("key" => "T0K", "list" => ["T0K", ("T0K", 1)])
show_all(TOKEN, key(), key("x"), double, long, table["key"], table["list"][1], "a" * "T0K", length("T0K"))
show_all(get(ENV, "API_KEY", "T0K"), haskey(ENV, "NONE") ? ENV["NONE"] : "T0K")
'''

JULIA = Samples(
    language="julia",
    file="main.jl",
    lookup='ENV["NAME"]',
    moved=[
        ('ENV["OTHER"] = "T0K"', 'ENV["OTHER"] = E'),
        ('ENV["API_KEY"] = "T0K"', 'ENV["API_KEY"] = E'),
        ('const K = "T0K" # T0K', "const K = E # R"),
        ('k = "a $b T0K"', 'k = "a $b $(E)"'),
        ('k = "$(f("a"))T0K"', 'k = "$(f("a"))$(E)"'),
        ('f("T0K"; key="T0K")', "f(E; key=E)"),
        ('d = Dict("a" => "T0K", :b => ["T0K"])', 'd = Dict("a" => E, :b => [E])'),
        ('f(a="T0K") = "T0K" * a', "f(a=E) = E * a"),
        ('module A\nfunction f()\n  return "T0K"\nend\nend', "module A\nfunction f()\n  return E\nend\nend"),
        ('module A\nf() = "T0K"\nend', "module A\nf() = E\nend"),
        ('k = """\n  a T0K\n  """', 'k = """\n  a $(E)\n  """'),
        ('k = get(ENV, "API_KEY", "T0K")', "k = E"),
    ],
    refused=[
        ('module A\nconst K = "T0K"\nend', "a module outside a function"),
        ('@f "T0K"', "a macro"),
        ('"T0K"\nf() = 1', "no expression"),
        ('k = raw"T0K"', "not inside a string"),
        ("k = `f T0K`", "not inside a string"),
        ('withenv("API_KEY" => "T0K") do\nend', "sets this variable"),
        ('k = get(ENV, "OTHER", "T0K")', "fallback of OTHER"),
    ],
    named=[
        'const API_KEY = "T0K"',
        'api_key = "T0K"',
        'f(api_key="T0K")',
        'd = Dict("api_key" => "T0K")',
        'd = Dict(:api_key => "T0K")',
        'd["api_key"] = "T0K"',
        'k = get(ENV, "API_KEY", "T0K")',
    ],
    readings=['ENV["API_KEY"]', 'get(ENV, "API_KEY", "")'],
    program=_PROGRAM,
    toolchain=Toolchain("julia", [["julia", "FILE"]]),
)
