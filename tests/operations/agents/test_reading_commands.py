"""Which command lines may name a file of the guard, because they change nothing."""

from __future__ import annotations

import pytest

from tokenward.operations.agents.printing_commands import only_reads


@pytest.mark.parametrize(
    "line",
    [
        "cat F",
        "/bin/cat F | head -n 3",
        "ls -la F && wc -l F",
        "[ -f F ]; echo done",
        "grep -rn hooks F",
        "find F -name x",
    ],
)
def test_lines_that_only_read(line: str) -> None:
    assert only_reads(line)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "cat x > F",
            "cat x >> F",
            "tee F",
            "cp x F",
            "sed -i s/a/b/ F",
            "rm F",
            "python -c x F",
            "A=b cat F",
        ),
        *(
            "sort -o F x",
            "sort -oF x",
            "sort -uo F x",
            "sort --output=F x",
            "sort --ou F x",
            "tree -o F",
            "less -OF x",
        ),
        *(
            "find F -delete",
            "find F -exec rm {} ;",
            "find F -ok rm {} ;",
            "find . -fprint F",
            "find . -fls F",
        ),
        *(
            "rg --pre ./run x F",
            "file -C -m F",
            "cat $(run) F",
            "cat `run` F",
            "diff <(run) F",
            "cat F; mv F G",
            "c''at F",
        ),
    ],
)
def test_lines_that_may_write(line: str) -> None:
    assert not only_reads(line)
