"""Models as ONNX, and the gradients that torch autograd gives for them."""

import numpy as np
import onnx
import torch
from gradient_models import build, parameters_off, run
from torch import nn

# as a share of the largest entry; rounding alone gives 1e-6
AT_A_KINK = 1e-5


def gradient(model, inputs, v, dtype):
    """Output and gradient, computed in `dtype`."""
    model = model.to(dtype)
    given = {k: t.to(dtype) if t.is_floating_point() else t for k, t in inputs.items()}
    y, x = run(model, given)
    (grad,) = torch.autograd.grad(y, x, v.to(dtype))
    model.float()
    return y.detach().double().numpy(), grad.double().numpy()


def relative(a, b):
    """Largest difference as a share of the largest entry of b."""
    return float(np.abs(a - b).max() / np.abs(b).max())


def references(name, full, batch, smooth=False, attempts=50):
    """Inputs off every kink if `attempts` are enough, and what torch gives for them in float64.

    The last result is how far the float32 gradient of torch is from that.
    """
    model, inputs, opset = build(name, full, batch, smooth)
    parameters_off(model)
    for seed in range(attempts):
        torch.manual_seed(100 + seed)
        if "x" in inputs:
            inputs["x"] = torch.randn_like(inputs["x"])
        with torch.no_grad():
            v = torch.randn_like(run(model, inputs)[0])
        y, exact = gradient(model, inputs, v, torch.float64)
        _, rounded = gradient(model, inputs, v, torch.float32)
        off = relative(rounded, exact)
        if off < AT_A_KINK:
            break
    return model, inputs, opset, {"v": v.numpy(), "y": y, "gradient": exact}, off


def export(model, inputs, opset, path, free_batch=True):
    # attention runs as one native op, which has no ONNX, unless it is told that it is trained
    attention = [m for m in model.modules() if isinstance(m, nn.MultiheadAttention)]
    for module in attention:
        module.train()
    names = list(inputs)
    torch.onnx.export(
        model,
        tuple(inputs.values()),
        path,
        opset_version=opset,
        input_names=names,
        output_names=["y"],
        dynamic_axes={name: {0: "N"} for name in [*names, "y"]} if free_batch else {},
        training=torch.onnx.TrainingMode.PRESERVE,
        # folding here would write weights twice
        do_constant_folding=False,
    )
    for module in attention:
        module.eval()
    onnx.checker.check_model(path)
