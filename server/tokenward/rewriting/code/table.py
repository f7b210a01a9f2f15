"""CODE: every language that CodeSyntax reads."""

from __future__ import annotations

from tokenward.rewriting.code.c import CSyntax
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.cpp import CppSyntax
from tokenward.rewriting.code.csharp import CSharpSyntax
from tokenward.rewriting.code.dart import DartSyntax
from tokenward.rewriting.code.go import GoSyntax
from tokenward.rewriting.code.java import JavaSyntax
from tokenward.rewriting.code.kotlin import KotlinSyntax
from tokenward.rewriting.code.ruby import RubySyntax
from tokenward.rewriting.code.rust import RustSyntax
from tokenward.rewriting.code.scala import ScalaSyntax
from tokenward.rewriting.code.swift import SwiftSyntax

CODE: tuple[type[CodeSyntax], ...] = (
    CppSyntax,
    CSharpSyntax,
    CSyntax,
    DartSyntax,
    GoSyntax,
    JavaSyntax,
    KotlinSyntax,
    RubySyntax,
    RustSyntax,
    ScalaSyntax,
    SwiftSyntax,
)
