# SPDX-License-Identifier: MIT
"""Writes python.safetensors with the format's own Python package: python3 tests/vectors/gen_safetensors.py"""
import os

import numpy as np
from safetensors.numpy import save_file

here = os.path.dirname(os.path.abspath(__file__))
tensors = {
    "weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
    "bias.ünï": np.array([-1.5, np.inf, 1e-300]),
    "steps": np.array(1 << 40, dtype=np.int64),
    "empty": np.zeros((3, 0), dtype=np.float32),
}
save_file(tensors, os.path.join(here, "python.safetensors"), metadata={"made": 'by "numpy"\n', "epoch": "7"})
