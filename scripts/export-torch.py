"""Writes ONNX models with the gradients that torch autograd gives, to compare ours with.

    /usr/bin/python3 scripts/export-torch.py [--full] [--batch N] [--out DIR] [NAME …]

Needs Debian's python3-torch and python3-torchvision. Without --full: the small networks of
test/golden/torch-gradients, one .onnx and one .npz each: inputs, v (cotangent), y (output), gradient.
y and gradient are computed in float64. Inputs are drawn until the float32 gradient is that of float64, so
that no unit sits at a kink, where rounding decides the side.
"""

import argparse
import os
import sys

import numpy as np
import onnx
import torch
from torch import nn

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "bench", "rivals"))
from gradient_models import NAMES, build, parameters_off, run  # noqa: E402

# as a share of the largest entry; rounding alone gives 1e-6
AT_A_KINK = 1e-5


def gradient(model, inputs, v, dtype):
    model = model.to(dtype)
    given = {k: t.to(dtype) if t.is_floating_point() else t for k, t in inputs.items()}
    y, x = run(model, given)
    (grad,) = torch.autograd.grad(y, x, v.to(dtype))
    model.float()
    return y.detach().double().numpy(), grad.double().numpy()


def references(name, full, batch):
    """Inputs off every kink where there are such, and what torch gives for them."""
    model, inputs, opset = build(name, full, batch)
    parameters_off(model)
    attempts = 1 if full else 50
    for seed in range(attempts):
        torch.manual_seed(100 + seed)
        if "x" in inputs:
            inputs["x"] = torch.randn_like(inputs["x"])
        with torch.no_grad():
            v = torch.randn_like(run(model, inputs)[0])
        y, exact = gradient(model, inputs, v, torch.float64)
        _, rounded = gradient(model, inputs, v, torch.float32)
        off = np.abs(rounded - exact).max() / np.abs(exact).max()
        if off < AT_A_KINK:
            break
    return model, inputs, opset, {"v": v.numpy(), "y": y, "gradient": exact}, off


def export(model, inputs, opset, path):
    # attention runs as one native op, which has no ONNX, unless it is told that it is trained
    for module in model.modules():
        if isinstance(module, nn.MultiheadAttention):
            module.train()
    names = list(inputs)
    # Swin's windows make 2,600 nodes of shape arithmetic if the batch is free
    free = {} if path.endswith("swin_t.onnx") else {name: {0: "N"} for name in [*names, "y"]}
    torch.onnx.export(
        model,
        tuple(inputs.values()),
        path,
        opset_version=opset,
        input_names=names,
        output_names=["y"],
        dynamic_axes=free,
        training=torch.onnx.TrainingMode.PRESERVE,
        # folding here would write weights twice
        do_constant_folding=False,
    )
    onnx.checker.check_model(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--out", default=os.path.join(ROOT, "test", "golden", "torch-gradients"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for name in options.names or NAMES:
        model, inputs, opset, given, off = references(name, options.full, options.batch)
        path = os.path.join(options.out, f"{name}.onnx")
        export(model, inputs, opset, path)
        arrays = {**{k: t.numpy() for k, t in inputs.items()}, **given}
        small = {k: a.astype(np.float32) if a.dtype == np.float64 else a for k, a in arrays.items()}
        np.savez(os.path.join(options.out, f"{name}.npz"), **small)
        size = os.path.getsize(path)
        print(f"{name}: opset {opset}, {size} bytes, torch float32 to float64 {off:.1e}", flush=True)


if __name__ == "__main__":
    main()
