"""CODE: every language that CodeSyntax reads."""

from __future__ import annotations

from tokenward.rewriting.code.c import CSyntax
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.cpp import CppSyntax
from tokenward.rewriting.code.csharp import CSharpSyntax
from tokenward.rewriting.code.dart import DartSyntax
from tokenward.rewriting.code.elixir import ElixirScriptSyntax, ElixirSyntax
from tokenward.rewriting.code.go import GoSyntax
from tokenward.rewriting.code.groovy import GroovySyntax
from tokenward.rewriting.code.java import JavaSyntax
from tokenward.rewriting.code.javascript import JavaScriptSyntax, TsxSyntax, TypeScriptSyntax
from tokenward.rewriting.code.julia import JuliaSyntax
from tokenward.rewriting.code.kotlin import KotlinSyntax
from tokenward.rewriting.code.lua import LuaSyntax
from tokenward.rewriting.code.perl import PerlSyntax
from tokenward.rewriting.code.php import PhpSyntax
from tokenward.rewriting.code.plain_strings import PLAIN_STRINGS
from tokenward.rewriting.code.powershell import PowerShellSyntax
from tokenward.rewriting.code.python import PythonSyntax
from tokenward.rewriting.code.r import RSyntax
from tokenward.rewriting.code.ruby import RubySyntax
from tokenward.rewriting.code.rust import RustSyntax
from tokenward.rewriting.code.scala import ScalaSyntax
from tokenward.rewriting.code.string_syntax import StringSyntax
from tokenward.rewriting.code.swift import SwiftSyntax

CODE: tuple[type[CodeSyntax | StringSyntax], ...] = (
    CSharpSyntax,
    CSyntax,
    CppSyntax,
    DartSyntax,
    ElixirScriptSyntax,
    ElixirSyntax,
    GoSyntax,
    GroovySyntax,
    JavaScriptSyntax,
    JavaSyntax,
    JuliaSyntax,
    KotlinSyntax,
    LuaSyntax,
    PerlSyntax,
    PhpSyntax,
    PowerShellSyntax,
    PythonSyntax,
    RSyntax,
    RubySyntax,
    RustSyntax,
    ScalaSyntax,
    SwiftSyntax,
    TsxSyntax,
    TypeScriptSyntax,
    *PLAIN_STRINGS,
)
