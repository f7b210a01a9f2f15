from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain


def _function(body: str) -> str:
    return f"defmodule A do\n  def f(b) do\n    {body}\n  end\nend\n"


_PROGRAM = r'''
defmodule Client do
  defstruct key: nil

  def show(values) do
    for value <- values do
      IO.puts(:crypto.hash(:sha256, to_string(value)) |> Base.encode16(case: :lower))
    end
  end

  def new(key \\ "T0K"), do: %Client{key: key}
  def key(1), do: "T0K"

  def key(_kind) do
    "x T0K"
  end
end

name = "n"
double = "é T0K #{name}:T0K\n"
here = """
  a T0K
"""
table = %{"key" => "T0K", list: ["T0K", {"T0K", 1}]}
keys = [Client.new().key, Client.new("T0K").key, Client.key(1), Client.key(2)]
Client.show([double, here, table["key"], hd(table.list) | keys])
Client.show ["a" <> "T0K" <> "b", if("T0K" == table["key"], do: "T0K", else: "no")]
Client.show([String.length("T0K"), "T0K" |> String.upcase(), System.get_env("API_KEY") || "T0K"])
Client.show([System.get_env("API_KEY", "T0K"), System.get_env("NONE") || "T0K"])
'''

ELIXIR = Samples(
    language="elixir",
    file="main.ex",
    lookup='System.fetch_env!("NAME")',
    moved=[
        (_function('System.put_env("OTHER", "T0K")'), _function('System.put_env("OTHER", E)')),
        (_function('System.put_env("API_KEY", "T0K")'), _function('System.put_env("API_KEY", E)')),
        ('k = "T0K" # T0K', "k = E # R"),
        ('k = "a #{b} T0K"', 'k = "a #{b} #{E}"'),
        (_function('g "T0K", key: "T0K"'), _function("g E, key: E")),
        (_function('%{"a" => "T0K", b: ["T0K"]}'), _function('%{"a" => E, b: [E]}')),
        (_function('k = "a" <> "T0K" <> b'), _function('k = "a" <> E <> b')),
        (_function('case b do\n      1 -> "T0K"\n    end'), _function("case b do\n      1 -> E\n    end")),
        (_function('k = """\n    a T0K\n    """'), _function('k = """\n    a #{E}\n    """')),
        (
            'defmodule A do\n  def f(k \\\\ "T0K"), do: "T0K"\nend\n',
            "defmodule A do\n  def f(k \\\\ E), do: E\nend\n",
        ),
        ('k = System.get_env("API_KEY") || "T0K"', "k = E"),
        ('k = System.get_env("API_KEY", "T0K")', "k = E"),
        ('k = System.get_env("OTHER") || "T0K"', 'k = System.get_env("OTHER") || E'),
    ],
    refused=[
        ('defmodule A do\n  @key "T0K"\nend\n', "config/runtime.exs"),
        ('defmodule A do\n  defstruct key: "T0K"\nend\n', "config/runtime.exs"),
        ('defmodule A do\n  defmacro f do\n    "T0K"\n  end\nend\n', "config/runtime.exs"),
        ('defmodule A do\n  def f("T0K"), do: 1\nend\n', "a pattern"),
        ('defmodule A do\n  def f(x) when x == "T0K" do\n    1\n  end\nend\n', "a pattern"),
        ('defmodule A do\n  def f(key: "T0K") do\n    1\n  end\nend\n', "a pattern"),
        (_function('case b do\n      "T0K" -> 1\n    end'), "a pattern"),
        (_function('"T0K" = b'), "a pattern"),
        (_function('for "T0K" <- b, do: 1'), "a pattern"),
        (_function('match?("T0K", b)'), "a pattern"),
        (_function("k = 'T0K'"), "not inside a string"),
        (_function("k = ~s(T0K)"), "not inside a string"),
        (_function('k = :"T0K"'), "not inside a string"),
        (_function('k = System.get_env("OTHER", "T0K")'), "fallback of OTHER"),
        (_function('k = Keyword.get(b, :key, "T0K")'), "part of a fallback"),
        ('alias A.System\nk = "T0K"', "name System"),
        ('alias A.{System, B}\nk = "T0K"', "name System"),
    ],
    named=[
        'api_key = "T0K"',
        'config :a, api_key: "T0K"',
        'f(%{"api_key" => "T0K"})',
        'defmodule A do\n  @api_key "T0K"\nend\n',
        'k = System.get_env("API_KEY") || "T0K"',
    ],
    readings=['System.fetch_env!("API_KEY")', 'System.get_env("API_KEY", "a")'],
    program=_PROGRAM,
    toolchain=Toolchain("elixir", [["elixir", "FILE"]]),
)

ELIXIR_SCRIPT = Samples(
    language="elixir_script",
    file="main.exs",
    lookup='System.fetch_env!("NAME")',
    moved=[
        ('import Config\nconfig :a, key: "T0K"', "import Config\nconfig :a, key: E"),
        (
            'defmodule A do\n  @key "T0K"\n  def key, do: @key\nend\n',
            "defmodule A do\n  @key E\n  def key, do: @key\nend\n",
        ),
        ('defmodule A do\n  defstruct key: "T0K"\nend\n', "defmodule A do\n  defstruct key: E\nend\n"),
    ],
    refused=[(_function('match?("T0K", b)'), "a pattern")],
    named=['config :a, api_key: "T0K"'],
    readings=['System.fetch_env!("API_KEY")'],
    program=_PROGRAM
    + 'defmodule Late do\n  @key "a T0K"\n  def key, do: @key\nend\n\nClient.show([Late.key()])\n',
    toolchain=Toolchain("elixir", [["elixir", "FILE"]]),
)
