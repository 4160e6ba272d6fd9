"""Writes the small networks of test/golden/torch-gradients, with the gradients that torch autograd gives.

    /usr/bin/python3 scripts/export-torch.py [--full] [--smooth] [--batch N] [--out DIR] [NAME …]

Needs Debian's python3-torch and python3-torchvision. One .onnx and one .npz each: inputs, v (cotangent), y
(output), gradient; y and gradient are computed in float64. Inputs are drawn until the float32 gradient is
that of float64, so that no unit sits at a kink, where rounding decides the side. --full: the networks in
their own size, where some unit always does; --smooth: without kinks. bench/gradients.mjs compares these.
"""

import argparse
import os
import sys

import numpy as np

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "bench", "rivals"))
from gradient_export import export, references  # noqa: E402
from gradient_models import NAMES  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--smooth", action="store_true")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--out", default=os.path.join(ROOT, "test", "golden", "torch-gradients"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for name in options.names or NAMES:
        attempts = 1 if options.full else 50
        model, inputs, opset, given, off = references(
            name, options.full, options.batch, options.smooth, attempts
        )
        path = os.path.join(options.out, f"{name}.onnx")
        # the windows of Swin make 2,600 nodes of shape arithmetic if the batch is free
        export(model, inputs, opset, path, free_batch=options.full or name != "swin_t")
        arrays = {**{k: t.numpy() for k, t in inputs.items()}, **given}
        small = {k: a.astype(np.float32) if a.dtype == np.float64 else a for k, a in arrays.items()}
        np.savez(os.path.join(options.out, f"{name}.npz"), **small)
        size = os.path.getsize(path)
        print(f"{name}: opset {opset}, {size} bytes, torch float32 to float64 {off:.1e}", flush=True)


if __name__ == "__main__":
    main()
