r"""The languages of StringSyntax, one row each.

In the code that the patterns see, the characters of strings are underscores, those of other text stars, and those of
comments blanks.
"""

from __future__ import annotations

from tokenward.rewriting.code.grammar import NAME, QUOTED
from tokenward.rewriting.code.string_syntax import StringGrammar, StringSyntax, Where

_DOUBLE = r"(?P<string>\"(?:\\[\s\S]|[^\"\\])*\")|(?P<unclosed>\"[\s\S]*)"
# Whatever precedes the last arrow of a clause is no pattern and no guard.
_ERLANG_BODY = (
    r"->(?:<<(?:(?!>>)[^;])*>>|(?!->|<<|;|<-|<=|:=|\b(?:of|when|fun|receive|try|catch|if|after|maybe|begin)\b|\.(?!\w))"
    r"[\s\S])*(?<=[>=,(\[{+])\s*"
)
_LISP_ARGUMENT = r"\A\((?!def|lambda|declare|interactive)[^\s()\[\]{}][\s\S]*(?<!\s\.)\s"
_CLOJURE_ITEM = r"\A[\[{](?:[\s\S]*[\s,])?"
_LISP_NAME = r"[\s:(\[](?P<name>[\w-]+)\s+"
_CLOJURE_UNITS = (
    rf"(?P<comment>;[^\r\n]*|\A#![^\r\n]*)|(?P<opaque>#\"(?:\\[\s\S]|[^\"\\])*\"|\\(?:\w+|\S))|{_DOUBLE}"
)
_CLOJURE_READINGS = (rf"\(\s*System/getenv\s+{QUOTED}",)


def _syntax(row: StringGrammar) -> type[StringSyntax]:
    """Return the syntax of a language."""

    class RowSyntax(StringSyntax):
        """A text in the language."""

        grammar = row

    return RowSyntax


_ROWS = (
    # Erlang, in the bodies of functions and in macros that are used only there.
    StringGrammar(
        name="erlang",
        files=r"[^/]*\.(?:erl|escript)",
        ids="erlang",
        comment="%",
        units=(
            r"(?P<comment>%[^\r\n]*|\A#![^\r\n]*)"
            r"|(?P<opaque>\"\"\"[\s\S]*?\"\"\"|~\w*\"(?:\\[\s\S]|[^\"\\])*\"|~\w|'(?:\\[\s\S]|[^'\\])*'|\$(?:\\[\s\S]|\S))"
            rf"|{_DOUBLE}"
        ),
        lookup='os:getenv("NAME")',
        places=(
            Where(_ERLANG_BODY, "", 'unicode:characters_to_binary(os:getenv("NAME"))', ("<<", ">>")),
            Where(_ERLANG_BODY, ""),
            Where(r"^-define\(\s*(?P<name>\w+)\s*,\s*", r"\s*\)\s*\.", macro=r"\?\s*NAME\b"),
        ),
        readings=(rf"(?<!\w)os\s*:\s*getenv\s*\(\s*{QUOTED}",),
        names=r"(?P<name>\w+)\s*(?:=|=>|,)\s*(?:<<)?",
        ends=r"\s*(?:[,;)\]}]|\.(?!\w)|(?:end|of)\b|\+\+|>>)",
        refused=r"\?\s*\w+\s*\0\(",
    ),
    # Haskell, for constants that are declared to be a String.
    StringGrammar(
        name="haskell",
        files=r"[^/]*\.hs",
        ids="haskell",
        comment="--",
        units=(
            r"(?P<comment>--+(?![!#$%&*+./<=>?@\\^|~:])[^\r\n]*|\{-[\s\S]*?-\})"
            r"|(?P<name>[^\W\d][\w']*)|(?P<opaque>'(?:\\[^\r\n']+|\\'|[^'\\\r\n])')"
            rf"|{_DOUBLE}"
        ),
        lookup='System.IO.Unsafe.unsafePerformIO (System.Environment.getEnv "NAME")',
        places=(
            Where(
                r"^(?P<name>[a-z_][\w']*)[ \t]*::[ \t]*String[ \t\r]*\n(?P=name)[ \t]*=\s*",
                r"[ \t\r]*$",
            ),
        ),
        readings=(rf"(?<!\w)(?:getEnv|lookupEnv)\s+{QUOTED}",),
        names=r"^(?P<name>[\w']+)\s*=\s*",
        refused=r"\0[(\[{]",
        unknown=r"-\}|^#|\[\w+\|",
        imports=("import qualified System.Environment", "import qualified System.IO.Unsafe"),
        imports_at=(r"^(?=import\b)", r"^module\b(?:(?!\bwhere\b)[\s\S])*\bwhere\b[ \t\r]*\n", r"^(?=\S)"),
    ),
    # A project of Leiningen, which evaluates what is unquoted.
    StringGrammar(
        name="leiningen",
        files=r"project\.clj",
        ids="",
        comment=";",
        units=_CLOJURE_UNITS,
        lookup='~(System/getenv "NAME")',
        places=(Where(_CLOJURE_ITEM, r"[\s,\]}]"),),
        readings=_CLOJURE_READINGS,
        names=_LISP_NAME,
        refused=r"(?:['`~^]|#[^\s()\[\]{}]+\s*|_\s|#)\0|\0\((?!defproject\s)",
        unknown=r"\A(?!\s*\(defproject\s)",
        is_top=False,
    ),
    # Clojure and Babashka, where a form is evaluated.
    StringGrammar(
        name="clojure",
        files=r"[^/]*\.(?:clj|bb)",
        ids="clojure",
        comment=";",
        units=_CLOJURE_UNITS,
        lookup='(System/getenv "NAME")',
        places=(
            Where(r"\A\((?:def|defonce)\s+(?:\^(?!:const)\S+\s+)?\S+\s+", r"\s*\)"),
            Where(r"\A\(defn-?\s+\S+\s+\[[^\[\]]*\]\s+", r"\s*\)"),
            Where(_LISP_ARGUMENT, r"[\s)]"),
            Where(_CLOJURE_ITEM, r"[\s,\]}]"),
        ),
        readings=_CLOJURE_READINGS,
        names=_LISP_NAME,
        refused=(
            r"(?:['`~^]|#[^\s()\[\]{}]+\s*|_\s)\0|#\0(?!\()|\0\((?:quote|comment|ns|case|import|require|use|defmacro|defproject"
            r"|gen-class|deftype|definterface|extend-\w+)(?![\w-])"
        ),
        is_top=False,
    ),
    # Emacs Lisp, where a form is evaluated.
    StringGrammar(
        name="emacs-lisp",
        files=r"[^/]*\.el|\.emacs",
        ids="emacs-lisp elisp",
        comment=";",
        units=rf"(?P<comment>;[^\r\n]*)|(?P<name>[\w*+<>=!/-][\w?*+<>=!/-]*)|(?P<opaque>\?(?:\\[\s\S]|\S))|{_DOUBLE}",
        lookup='(getenv "NAME")',
        places=(
            Where(r"\A\((?:defvar|defvar-local|defconst|defcustom)\s+\S+\s+", r"[\s)]"),
            Where(_LISP_ARGUMENT, r"[\s)]"),
        ),
        readings=(rf"\(\s*getenv\s+{QUOTED}",),
        names=_LISP_NAME,
        refused=(
            r"(?:['`,]|#\S*)\0|\0\[|\0\((?:quote|function|declare|interactive|pcase\S*|cl-case|defmacro|eval-when-compile"
            r"|rx|custom-theme-set-\w+)(?![\w-])"
        ),
        is_top=False,
    ),
    # A script of Vim, in lines that set a variable.
    StringGrammar(
        name="vim",
        files=r"[^/]*\.vim|[._]g?vimrc",
        ids="viml vim",
        comment='"',
        units=(
            r"(?P<comment>(?m:^)[ \t]*\"[^\r\n]*)|(?P<string>'[^'\r\n]*'(?!')|\"(?:\\[^\r\n]|[^\"\\\r\n])*\")"
            r"|(?P<opaque>'(?:''|[^'\r\n])*'?|\"[^\r\n]*)"
        ),
        lookup="$NAME",
        places=(Where(r"^[ \t]*(?:let|const|var)[ \t]+[\w:.]+[ \t]*\.?=[ \t]*", r"[ \t\r]*$"),),
        readings=(rf"(?<!\w)\${NAME}",),
        names=r"(?:let|const|var)[ \t]+(?:[\w.]*[:.])?(?P<name>\w+)[ \t]*\.?=[ \t]*",
        unknown=r"<<[ \t]*(?:trim\b|eval\b|\w+[ \t\r]*$)",
    ),
    # F#, for values and arguments.
    StringGrammar(
        name="fsharp",
        files=r"[^/]*\.fsx?",
        ids="fsharp",
        comment="//",
        units=(
            r"(?P<comment>//[^\r\n]*|\(\*(?!\))[\s\S]*?\*\)|\A#![^\r\n]*)"
            r"|(?P<opaque>[$@]*\"\"\"[\s\S]*?\"\"\"|[$@]+\"(?:\"\"|\\[\s\S]|[^\"])*\"|'(?:\\[^\r\n']+|\\'|[^'\\\r\n])')"
            rf"|(?P<name>[^\W\d][\w']*)|{_DOUBLE}"
        ),
        lookup='System.Environment.GetEnvironmentVariable("NAME")',
        places=(
            Where(
                r"(?:^[ \t]*let[ \t]+\w+[ \t]*(?::[ \t]*string[ \t]*)?=|[\w)][ \t]*\([^()\r\n]*,|[\w]\(|<-)[ \t]*",
                r"[ \t\r]*(?:$|[,)])",
            ),
        ),
        readings=(rf"(?<!\w)Environment\.GetEnvironmentVariable\s*\(?\s*{QUOTED}",),
        names=r"(?P<name>\w+)[ \t]*(?::[ \t]*string[ \t]*)?(?:=|<-)[ \t]*",
        ends=r"[ \t]*(?:[,);]|\r?\n|\Z|\|>)",
        refused=r"\b(?:\w*printf\w*|failwithf)[ \t]*\0",
        unknown=r"\bLiteral\b|(?<!\()\*\)",
    ),
    # Jsonnet, where a variable of the command line may be.
    StringGrammar(
        name="jsonnet",
        files=r"[^/]*\.(?:jsonnet|libsonnet)",
        ids="jsonnet",
        comment="//",
        units=(
            r"(?P<comment>(?://|#)[^\r\n]*|/\*[\s\S]*?\*/)"
            r"|(?P<opaque>\|\|\|[\s\S]*?\|\|\||@\"(?:\"\"|[^\"])*\"|@'(?:''|[^'])*')"
            r"|(?P<string>\"(?:\\[\s\S]|[^\"\\])*\"|'(?:\\[\s\S]|[^'\\])*')|(?P<unclosed>\"[\s\S]*)"
        ),
        lookup="std.extVar('NAME')",
        places=(Where(r"(?:[:=(\[,+]|\b(?:then|else)\b)\s*", r"\s*(?:[,;)\]}+]|\Z)"),),
        readings=(rf"(?<!\w)std\.extVar\(\s*{QUOTED}",),
        names=r"(?P<name>[\w-]+)['\"\]]?\s*(?:\+?:{1,3}|=)\s*",
    ),
)
PLAIN_STRINGS = tuple(map(_syntax, _ROWS))
