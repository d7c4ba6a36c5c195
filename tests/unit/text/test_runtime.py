"""The runtime is compiled without the optimiser; kernels are not."""

import subprocess
import sys

import pytest

STORY = """
import re
from pathlib import Path
import numpy as np
from numba import njit
from numba.core import config
from vigie.text import kernel, runtime

def of_files():
    return int(re.search(r"RssFile:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)) / 1024

@njit
def doubled(values):
    return values + values

before = of_files()
BEGIN
kernel.widen(np.zeros(16, np.uint64), np.zeros(32, np.uint64))
kept = of_files() - before
assert doubled(np.arange(3)).tolist() == [0, 2, 4]
assert "vector" in doubled.inspect_llvm(doubled.signatures[0]), "kernels are optimised as ever"
assert int(config.OPT) == 3
print(kept)
"""


def megabytes(begin: str) -> float:
    """Return the pages of files, in MB, that a process's first kernel brings in."""
    story = STORY.replace("BEGIN", begin)
    return float(subprocess.run([sys.executable, "-c", story], check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the pages of a process are read from /proc")
def test_first_kernel_of_a_process_leaves_the_optimiser_where_it_is() -> None:
    assert megabytes("") - megabytes("runtime.begin()") > 5
