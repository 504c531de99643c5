"""What each register is: one module a register, which registers itself when it is imported.

``RegistersConfig.ready`` imports every module of this package, so that a new register is a new file and nothing else.
"""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every declaration."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
