"""Numba's own runtime, which it compiles anew in each process: here without LLVM's optimiser.

Kernels are compiled once, with what they use of the runtime, and kept: how well it is compiled later costs them nothing. But
the optimiser's code, read for it alone, takes 11 MB of each process (measured: Numba 0.68). Where Numba is made otherwise,
nothing is done, and it begins by itself.
"""

from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

PARTS = ("config", "cpu", "registry", "compiler_lock", "runtime")
"""Modules of Numba's core that are asked; they are its own, not of what it promises to keep."""


@cache
def begin() -> None:
    """Compile the runtime unless it is there already; kernels that are compiled later are optimised as ever."""
    with suppress(ImportError, AttributeError):
        parts: list[Any] = [import_module(f"numba.core.{name}") for name in PARTS]
        config, cpu, registry, lock, runtime = parts
        with lock.global_compiler_lock:
            usual = config.OPT
            config.OPT = type(usual)(0)
            try:
                # In a context of its own: the kernels' would keep how it was made.
                runtime.rtsys.initialize(cpu.CPUContext(registry.cpu_target.typing_context, "cpu"))
            finally:
                config.OPT = usual
