from __future__ import annotations

from rewriting.code.sample import Samples, Toolchain

_IMPORTS = "import qualified System.Environment\nimport qualified System.IO.Unsafe\n"
_NO_PLACE = "no expression is allowed"


def _digested(command: str) -> list[list[str]]:
    """Return the commands of a program that prints values, one a line, since it has no SHA-256."""
    return [
        ["sh", "-c", f"{command} | while read -r v; do printf %s \"$v\" | sha256sum | cut -d' ' -f1; done"]
    ]


ERLANG = Samples(
    language="erlang",
    file="app.erl",
    lookup='os:getenv("NAME")',
    moved=[
        ('f() -> "T0K". % T0K', "f() -> E. % R"),
        ('f() -> g(), {ok, #{a => "T0K"}}, h("T0K") end.', "f() -> g(), {ok, #{a => E}}, h(E) end."),
        ('f() -> A = <<"T0K">>, A.', "f() -> A = unicode:characters_to_binary(E), A."),
        ('f() -> {<<"a">>, "T0K"}.', 'f() -> {<<"a">>, E}.'),
        ('f() -> "Bearer " ++ "T0K".', 'f() -> "Bearer " ++ E.'),
        ('-define(A, "T0K").\nf() -> g(?A).', "-define(A, E).\nf() -> g(?A)."),
        ('f() -> \'a"b\', $", "T0K".', "f() -> 'a\"b', $\", E."),
    ],
    refused=[
        ('f("T0K") -> a.', _NO_PLACE),
        ('f(a) -> b; f("T0K") -> c.', _NO_PLACE),
        ('f(X) when X =:= "T0K" -> c.', _NO_PLACE),
        ('f() -> {a, "T0K"} = g().', _NO_PLACE),
        ('f(X) -> case X of "T0K" -> a end.', _NO_PLACE),
        ('f() -> ?assertMatch("T0K", g()).', _NO_PLACE),
        ('f() -> <<"a", "T0K">>.', _NO_PLACE),
        ('f() -> <<"T0K"/utf16>>.', _NO_PLACE),
        ('f() -> "a" "T0K".', _NO_PLACE),
        ('-define(A, "T0K").\nf(?A) -> a.', _NO_PLACE),
        ('-record(a, {b = "T0K"}).', _NO_PLACE),
        ('f() -> "a T0K".', "a part of a string"),
        ("f() -> 'T0K'.", "neither a string"),
        ('f() -> ~"T0K".', "neither a string"),
        ('f() -> "T0K', "neither a string"),
    ],
    named=['-define(API_KEY, "T0K").', 'f() -> #{api_key => "T0K"}.', 'f() -> {api_key, <<"T0K">>}.'],
    readings=['os:getenv("API_KEY")', 'os:getenv( "API_KEY", "")'],
    program=r"""
-module(app).
-export([main/1]).
-define(KEY, "T0K").
show(V) -> io:format("~s~n", [binary:encode_hex(crypto:hash(sha256, V), lowercase)]).
key(a) -> "T0K"; key(_) -> b.
main(_) ->
    Map = #{key => "T0K", bin => <<"T0K">>}, % T0K
    show(?KEY), show(key(a)), show(maps:get(key, Map)), show(maps:get(bin, Map)), show("a " ++ "T0K").
""",
    toolchain=Toolchain("escript", [["escript", "FILE"]]),
)

HASKELL = Samples(
    language="haskell",
    file="Main.hs",
    lookup='System.IO.Unsafe.unsafePerformIO (System.Environment.getEnv "NAME")',
    moved=[
        (
            'module A where\nk :: String\nk = "T0K" -- T0K\n',
            f"module A where\n{_IMPORTS}k :: String\nk = E -- R\n",
        ),
        (
            'import A\nimport qualified System.IO.Unsafe\nk :: String\nk =\n "T0K"\n',
            "import qualified System.Environment\nimport A\nimport qualified System.IO.Unsafe\nk :: String\nk =\n E\n",
        ),
    ],
    refused=[
        ('k = "T0K"\n', _NO_PLACE),
        ('k :: Text\nk = "T0K"\n', _NO_PLACE),
        ('k :: String\nk = f "T0K"\n', _NO_PLACE),
        ('k :: String\nk = ("T0K")\n', _NO_PLACE),
        ('k :: String\nk = "T0K" ++ "a"\n', _NO_PLACE),
        ('f "T0K" = 1\n', _NO_PLACE),
        ('{- {- -} -}\nk :: String\nk = "T0K"\n', _NO_PLACE),
        ('#if A\nk :: String\nk = "T0K"\n', _NO_PLACE),
        ('k = [r|"T0K"|]\n', _NO_PLACE),
        ('k :: String\nk = "a T0K"\n', "a part of a string"),
    ],
    named=['import A\napiKey :: String\napiKey = "T0K"\n'],
    readings=['getEnv "API_KEY"', 'lookupEnv "API_KEY"'],
    program="""{-# LANGUAGE ScopedTypeVariables #-}
module Main (main) where
import Data.Char (toUpper)

token :: String
token = "T0K"
{- T0K -}
other, more :: String
other = "a"
more = "b"
key' :: String
key' = "T0K"
  ++ other

main :: IO ()
main = mapM_ putStrLn [token, key', map toUpper token, '"' : more]
""",
    toolchain=Toolchain("runghc", _digested("runghc Main.hs")),
)

CLOJURE = Samples(
    language="clojure",
    file="core.clj",
    lookup='(System/getenv "NAME")',
    moved=[
        ('(def k "T0K") ; T0K', "(def k E) ; R"),
        ('(def ^:private k "T0K")', "(def ^:private k E)"),
        ('(f {:a "T0K", :b ["T0K"]})', "(f {:a E, :b [E]})"),
        ('(let [k "T0K"] (g k \\" "T0K"))', '(let [k E] (g k \\" E))'),
        ('(map #(f % "T0K") x)', "(map #(f % E) x)"),
        ('(defn f "a" [x] (g x "T0K"))', '(defn f "a" [x] (g x E))'),
        ('(defn f [] "T0K")', "(defn f [] E)"),
        ('(re-find #"\\"" "T0K")', '(re-find #"\\"" E)'),
    ],
    refused=[
        ('"T0K"', _NO_PLACE),
        ('(def k "T0K" 1)', _NO_PLACE),
        ('(def ^:const k "T0K")', _NO_PLACE),
        ('(defn f "T0K" [])', _NO_PLACE),
        ('(ns a "T0K")', _NO_PLACE),
        ('(case x "T0K" 1)', _NO_PLACE),
        ('(f \'(a "T0K"))', _NO_PLACE),
        ('(f `[a "T0K"])', _NO_PLACE),
        ('(f #_ "T0K" 1)', _NO_PLACE),
        ('(f #_(g "T0K") 1)', _NO_PLACE),
        ('(f ^{:doc "T0K"} g)', _NO_PLACE),
        ('(f #inst "T0K")', _NO_PLACE),
        ('(f #foo ["T0K"])', _NO_PLACE),
        ('(f {:a "T0K"', _NO_PLACE),
        ('(def k #"T0K")', "neither a string"),
        ('(def k "a T0K")', "a part of a string"),
    ],
    named=['(def api-key "T0K")', '{:a {:api-key "T0K"}}', '(let [api-key "T0K"] api-key)'],
    readings=['(System/getenv "API_KEY")'],
    program=r"""
(import 'java.security.MessageDigest)
(defn show [v]
  (println (format "%064x" (BigInteger. 1 (.digest (MessageDigest/getInstance "SHA-256") (.getBytes v))))))
(def token "T0K") ; T0K
(def config {:a "T0K" :b ["T0K"]})
(defn key-of [x] (str x "T0K"))
(let [k "T0K"] (run! show [token (:a config) (first (:b config)) (key-of "é") k (str \" "T0K")]))
(run! #(show (str % "T0K")) '("a" b))
""",
    # Debian's clojure needs a newer Java than Debian's java.
    toolchain=Toolchain(
        "clojure",
        [["sh", "-c", 'PATH="$(ls -d /usr/lib/jvm/*/bin | sort -V | tail -1):$PATH" clojure core.clj']],
    ),
)

LEININGEN = Samples(
    language="leiningen",
    file="project.clj",
    lookup='~(System/getenv "NAME")',
    moved=[
        ('(defproject a "1" :b {:c "T0K"}) ; T0K', '(defproject a "1" :b {:c E}) ; R'),
        (';; a\n(defproject a "1" :b [["c" {:d "T0K"}]])', ';; a\n(defproject a "1" :b [["c" {:d E}]])'),
    ],
    refused=[
        ('(defproject a "T0K")', _NO_PLACE),
        ('(defproject a "1" :b \'{:c "T0K"})', _NO_PLACE),
        ('(defproject a "1" :b ~(f {:c "T0K"}))', _NO_PLACE),
        ('(def a {:c "T0K"})', _NO_PLACE),
        ('(defproject a "1" :b {:c "a T0K"})', "a part of a string"),
    ],
    named=['(defproject a "1" :b {:api-key "T0K"})'],
    readings=['~(System/getenv "API_KEY")'],
    program="""(defproject shop "0.1.0"
  :license {:name "T0K"}
  :scm {:name "git" :url "T0K"})
""",
    toolchain=Toolchain(
        "lein",
        _digested(
            "lein -o pom >pom.txt 2>&1 && sed -n 's|.*<name>\\([^<]*[0-9][^<]*\\)</name>.*|\\1|p' pom.xml"
        ),
    ),
)

EMACS_LISP = Samples(
    language="emacs-lisp",
    file="init.el",
    lookup='(getenv "NAME")',
    moved=[
        ('(setq a-token "T0K") ; T0K', "(setq a-token E) ; R"),
        ('(defvar a "T0K" "The a.")', '(defvar a E "The a.")'),
        ('(let ((a "T0K")) (f ?\\" "T0K"))', '(let ((a E)) (f ?\\" E))'),
        ('(add-to-list \'a "T0K")', "(add-to-list 'a E)"),
    ],
    refused=[
        ('(defvar a 1 "T0K")', _NO_PLACE),
        ('(defun f () "T0K" 1)', _NO_PLACE),
        ('(lambda () "T0K" 1)', _NO_PLACE),
        ('(setq a \'((b . "T0K")))', _NO_PLACE),
        ('(setq a `(b "T0K"))', _NO_PLACE),
        ('(setq a ["T0K"])', _NO_PLACE),
        ('(pcase x ("T0K" 1))', _NO_PLACE),
        ('(quote (f "T0K"))', _NO_PLACE),
        ('(setq a "a T0K")', "a part of a string"),
    ],
    named=['(setq api-key "T0K")', '(defcustom api-key "T0K" "Doc.")', '(f :api-key "T0K")'],
    readings=['(getenv "API_KEY")'],
    program=r"""
(defun show (v) (princ (format "%s\n" (secure-hash 'sha256 v))))
(defvar a-token "T0K" "The token.") ; T0K
(setq b-token "T0K" c 1)
(let ((k "T0K")) (mapc #'show (list a-token b-token k (concat "a" "T0K") (string ?\" ?a))))
""",
    toolchain=Toolchain("emacs", [["emacs", "--batch", "-Q", "-l", "FILE"]]),
)

VIM = Samples(
    language="vim",
    file=".vimrc",
    lookup="$NAME",
    moved=[
        ("let g:token = 'T0K'\n\" T0K\n", 'let g:token = E\n" R\n'),
        ('if 1\n  let s:a .= "T0K"\nendif\n', "if 1\n  let s:a .= E\nendif\n"),
        ("\" it's\nconst a = 'T0K'", "\" it's\nconst a = E"),
    ],
    refused=[
        ("let a = 'T0K' . b", _NO_PLACE),
        ("let a = 'T0K' \" a comment", _NO_PLACE),
        ("echo 'T0K'", _NO_PLACE),
        ("let a = {'b': 'T0K'}", _NO_PLACE),
        ("let x =<< trim END\nlet a = 'T0K'\nEND", _NO_PLACE),
        ("lua << EOF\nlet a = 'T0K'\nEOF", _NO_PLACE),
        ("let a = 'a T0K'", "a part of a string"),
        ("let a = 'b''T0K'", "neither a string"),
    ],
    named=["let g:api_key = 'T0K'", 'let api_key = "T0K"'],
    readings=["$API_KEY"],
    program="""set nocompatible
let g:token = 'T0K'
let s:other = "a"
let s:other .= "T0K"
" it's T0K "
call writefile([sha256(g:token), sha256(s:other)], '/dev/stdout')
qall!
""",
    toolchain=Toolchain("vim", [["vim", "-es", "-u", "FILE", "-i", "NONE"]]),
)

FSHARP = Samples(
    language="fsharp",
    file="App.fs",
    lookup='System.Environment.GetEnvironmentVariable("NAME")',
    moved=[
        ('let token = "T0K" // T0K', "let token = E // R"),
        ('  let token: string = "T0K"\n', "  let token: string = E\n"),
        ('client.Add("a", "T0K")\n', 'client.Add("a", E)\n'),
        ('let c = Client("T0K", 1)\n', "let c = Client(E, 1)\n"),
        ('x.Token <- "T0K"\n', "x.Token <- E\n"),
    ],
    refused=[
        ('[<Literal>]\nlet T = "T0K"', _NO_PLACE),
        ('[<A("T0K")>]\nlet x = 1', _NO_PLACE),
        ('match x with\n| "T0K" -> 1', _NO_PLACE),
        ('match x with\n| A("T0K") -> 1', _NO_PLACE),
        ('let f ("T0K") = 1', _NO_PLACE),
        ('printfn("T0K")', _NO_PLACE),
        ('let t = "T0K"B', _NO_PLACE),
        ('let t = $"T0K"', "neither a string"),
        ('let t = """T0K"""', "neither a string"),
        ('let t = "a T0K"', "a part of a string"),
    ],
    named=['let apiKey = "T0K"', 'x.ApiKey <- "T0K"'],
    readings=[
        'Environment.GetEnvironmentVariable("API_KEY")',
        'Environment.GetEnvironmentVariable "API_KEY"',
    ],
    program="""open System.Security.Cryptography
let show (v: string) =
    printfn "%s" (System.Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(v))).ToLower())
let token = "T0K" // T0K
show token
show("T0K")
""",
    toolchain=Toolchain("dotnet", [["dotnet", "fsi", "--quiet", "FILE"]]),
)

JSONNET = Samples(
    language="jsonnet",
    file="main.jsonnet",
    lookup="std.extVar('NAME')",
    moved=[
        ("{ token: 'T0K' } // T0K", "{ token: E } // R"),
        ("local k = \"T0K\";\n{ a: ['b', 'T0K'], 'c d'+: k }", "local k = E;\n{ a: ['b', E], 'c d'+: k }"),
        ("{ a: 'Bearer ' + 'T0K', b: f('T0K') }", "{ a: 'Bearer ' + E, b: f(E) }"),
    ],
    refused=[
        ("{ 'T0K': 1 }", _NO_PLACE),
        ("{ a: 1, 'T0K': 1 }", _NO_PLACE),
        ("import 'T0K'", _NO_PLACE),
        ("{ a: 'T0K' % 1 }", _NO_PLACE),
        ("{ a: @'T0K' }", "neither a string"),
        ("{ a: 'a T0K' }", "a part of a string"),
    ],
    named=["{ api_key: 'T0K' }", "{ 'api-key':: 'T0K' }", "local apiKey = 'T0K'; {}"],
    readings=['std.extVar("API_KEY")', "std.extVar( 'API_KEY')"],
    program="""local key = 'T0K'; # T0K
local f(x) = x;
std.join('\\n', [key, { a: 'T0K' }.a, 'a' + "T0K", f('T0K'), @'it''s', |||
  it's
|||])
""",
    toolchain=Toolchain("jsonnet", _digested("jsonnet -S -V API_KEY main.jsonnet")),
)

PLAIN_STRINGS = (ERLANG, HASKELL, LEININGEN, CLOJURE, EMACS_LISP, VIM, FSHARP, JSONNET)
