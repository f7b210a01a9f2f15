"""Has a wheel bring the catalog as JSON, the rules compiled for the systems of its engine, and their pages."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "TOKENWARD_COMPILED_RULES"
"""Names a folder of rules that another machine compiled; if it is empty, the wheel has none and is for all systems."""


class CompiledData(BuildHookInterface[Any]):
    """Adds what is compiled to wheels; an editable installation compiles the rules at the first use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the catalog, the rules or those of the variable, their pages, and set the wheel's tag."""
        if version != "standard":
            return
        sys.path.insert(0, str(Path(self.root, "scripts")))
        from compile_catalog import compile_catalog  # noqa: PLC0415 - it is found only now

        for file in compile_catalog():
            build_data["force_include"][str(file)] = f"tokenward/catalog/{file.name}"
        compiled = self._folder()
        if compiled is not None:
            build_data["force_include"][str(compiled)] = "tokenward/compiled"
            build_data["tag"] = (compiled / "wheel-tag").read_text("utf-8")
            build_data["pure_python"] = False
        try:
            from rule_pages import write_rule_pages  # noqa: PLC0415 - the engine may be missing
        except ImportError as error:
            self.app.display_warning(f"The rules have no pages, because {error.name} is missing.")
        else:
            build_data["force_include"][str(write_rule_pages())] = "tokenward/rule_pages"

    def _folder(self) -> Path | None:
        if VARIABLE in os.environ:
            return Path(os.environ[VARIABLE]) if os.environ[VARIABLE] else None
        try:
            from compile_rules import compile_rules  # noqa: PLC0415 - the engine may be missing
        except ImportError as error:
            self.app.display_warning(f"The rules are not compiled, because {error.name} is missing.")
            return None
        self.app.display_waiting("Compiling the rules, which takes about 10 s.")
        return compile_rules()
