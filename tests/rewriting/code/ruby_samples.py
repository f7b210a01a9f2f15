from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_PROGRAM = r"""
require "digest"

TOKEN = "T0K".freeze

def show(*values, key: nil)
  [*values, key].each { |value| puts Digest::SHA256.hexdigest(value.to_s) }
end

def default(a = "T0K", b: 'x T0K')
  [a, b].join
end

def last
  "T0K"
end

single = 'a T0K:T0K\n'
double = "é #{1 + 1} T0K\n"
percent = %q(x T0K)
holes = %Q[x#{1}T0K]
chained = "a" 'T0K' "T0K"
table = {"a" => "T0K", b: ["T0K"], "T0K": 1}
here = <<~TEXT + <<-'OTHER' + "T0K"
  key: T0K #{2}
TEXT
  other
  OTHER
plain = <<TEXT
T0K
TEXT
show single, double, percent, holes, chained, table["a"], table[:b][0], here, plain, key: "T0K"
show(default, last, TOKEN, "xT0K".length, "T0K" == TOKEN ? 'T0K' : "no")
show 'aT0K', 'b'
show(case TOKEN when "T0K" then 'T0K' end)
ENV["API_KEY"] = "T0K"
show(ENV["API_KEY"] || "T0K", ENV.fetch("API_KEY", "T0K"), ENV.fetch("API_KEY") { "T0K" })
""".replace(', "T0K": 1', "")

RUBY = Samples(
    language="ruby",
    file="main.rb",
    lookup='ENV.fetch("NAME")',
    moved=[
        ('ENV["OTHER"] = "T0K"', 'ENV["OTHER"] = E'),
        ('ENV["API_KEY"] = "T0K"', 'ENV["API_KEY"] = E'),
        ('k = "T0K"', "k = E"),
        ("K = 'T0K'.freeze # T0K", "K = E.freeze # R"),
        ('k = "a #{b} T0K"', 'k = "a #{b} #{E}"'),
        ("k = 'a T0K'", "k = ('a ' + E)"),
        ("k = %q(a T0K)", "k = (%q(a ) + E)"),
        ("k = %(a T0K)", "k = %(a #{E})"),
        ("k = 'a' \"T0K\"", "k = 'a' \"#{E}\""),
        ("k = \"a\" 'T0K'", 'k = ("a" + E)'),
        ('f "T0K", key: "T0K"', "f E, key: E"),
        ("k = <<~X\n  a T0K\nX\n", "k = <<~X\n  a #{E}\nX\n"),
        ('ENV["API_KEY"] || "T0K"', "E"),
        ("k = ENV['A'] || ENV['API_KEY'] || 'T0K'", "k = ENV['A'] || E"),
        ('k = ENV.fetch("API_KEY", "T0K")', "k = E"),
        ('k = ENV.fetch("API_KEY") { "T0K" }', "k = E"),
        ('ENV["API_KEY"] ||= "T0K"', "E"),
        ('k = ENV["OTHER"] || "T0K"', 'k = ENV["OTHER"] || E'),
        ('k = ENV.fetch("OTHER") { "T0K" }', 'k = ENV.fetch("OTHER") { E }'),
    ],
    refused=[
        ('k = {"T0K": 1}', "no expression"),
        ("k = :'T0K'", "not inside a string"),
        ("k = /T0K/", "not inside a string"),
        ("k = %w[T0K a]", "not inside a string"),
        ("k = `T0K`", "not inside a string"),
        ("k = <<~'X'\n  T0K\nX\n", "without interpolation"),
        ('ENV["API_KEY"] = "a T0K"', "sets this variable"),
        ('ENV["API_KEY"] = "T0K" + x', "sets this variable"),
        ('k = ENV.fetch("OTHER", "T0K")', "fallback of OTHER"),
        ('k = ENV.fetch("API_KEY", "a T0K")', "part of a fallback"),
    ],
    named=[
        'ENV["API_KEY"] = "abc T0K"',
        'api_key = "T0K"',
        '@api_key = "T0K"',
        'config.api_key = "T0K"',
        'config[:api_key] = "T0K"',
        'f(api_key: "T0K")',
        'h = {"api_key" => "T0K"}',
        'def f(api_key: "T0K") = 1',
        'k = ENV.fetch("API_KEY", "T0K")',
    ],
    readings=['ENV["API_KEY"]', "ENV.fetch('API_KEY', nil)"],
    program=_PROGRAM,
    toolchain=Toolchain("ruby", [["ruby", "FILE"]]),
)
