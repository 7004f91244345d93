"""Runs tests on the sources alone, as where nothing could be compiled: `python -m tests.plain tests/alignment`."""

import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest


class Plain:
    """Finds modules of the service by their sources, whatever is compiled beside them."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where a module of the service comes from; None for what others find."""
        if not name.startswith("graph_service.") or path is None:
            return None
        for folder in path:
            spec = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name, target)
            if spec is not None:
                return spec
        return None


def main(arguments: list[str]) -> int:
    """Runs pytest on the sources; its exit code, or 3 if something compiled was loaded all the same."""
    sys.meta_path.insert(0, Plain())
    code = pytest.main(arguments)
    compiled = [
        name
        for name, module in sys.modules.items()
        if name.startswith("graph_service") and Path(module.__file__ or ".py").suffix != ".py"
    ]
    if compiled:
        print(f"not plain: {', '.join(sorted(compiled))}")
        return 3
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
