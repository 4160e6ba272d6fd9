"""Holds rivals/reference.py against stored results of the package that it stands for (test/golden/craft4d).

    /usr/bin/python3 bench/rivals/check_reference.py

Prints the largest deviations; exit 1 if one is above its tolerance.
"""

import os
import sys

import numpy as np
import torch
from onnx_torch import OnnxTorch
from reference import Reference, Stages

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../test/golden")


def main():
    torch.set_num_threads(1)
    model = OnnxTorch(f"{GOLDEN}/models/cnn.onnx")
    pixels = np.load(f"{GOLDEN}/craft4d/inputs_u8.npy").astype(np.float32)
    images = torch.from_numpy((pixels / 255 - 0.5) / 0.25)
    stored = np.load(f"{GOLDEN}/craft4d/deel.npz")
    g, h = model.part("input", "features"), model.part("features", "logits")
    craft = Reference(g, h, concepts=6, patch_size=16, rows="crops", seed=0, stages=Stages())
    with torch.no_grad():
        craft.fit(images)
        U = craft.transform(images)
        per_input = craft.estimate_importance(images, class_id=2, nb_design=32)
    # float32 all along: convolutions in another order move W and U by 5e-6 of the largest value after 200 sweeps
    checks = {
        "W": (deviation(craft.W, stored["fit_W"]), 1e-4),
        "U of transform": (deviation(U, stored["transform_U"]), 1e-4),
        "importance per input": (deviation(per_input, stored["sti_per_input"]), 1e-4),
        "importance": (deviation(per_input.mean(0), stored["importance"]), 1e-4),
        "iterations": (abs(craft.nmf.n_iter_ - int(stored["n_iter"])), 0),
    }
    for name, (found, tolerance) in checks.items():
        print(f"{'ok ' if found <= tolerance else 'BAD'} {name}: {found:.1e} (tolerance {tolerance:g})")
    sys.exit(any(found > tolerance for found, tolerance in checks.values()))


def deviation(found, expected):
    """Of the largest expected value."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


if __name__ == "__main__":
    main()
