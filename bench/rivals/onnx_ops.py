"""ONNX operators in torch: one function each, of the list of inputs and the attributes by name."""

import numpy as np
import torch
from torch.nn import functional as F


def _padding(attributes, x, kernel, strides, dilations):
    """[before…, after…] over the spatial axes."""
    auto = attributes.get("auto_pad", b"NOTSET")
    rank = len(kernel)
    if auto in (b"NOTSET", b"VALID"):
        return list(attributes.get("pads", [0] * (2 * rank))) if auto == b"NOTSET" else [0] * (2 * rank)
    before, after = [], []
    for size, k, s, d in zip(x.shape[2:], kernel, strides, dilations):
        total = max(0, (-(-size // s) - 1) * s + (k - 1) * d + 1 - size)
        small, large = total // 2, total - total // 2
        before.append(small if auto == b"SAME_UPPER" else large)
        after.append(large if auto == b"SAME_UPPER" else small)
    return before + after


def _torch_pad(pads):
    """ONNX order (all befores, all afters) to torch order (last axis first, before and after together)."""
    rank = len(pads) // 2
    return [pads[i + side * rank] for i in reversed(range(rank)) for side in (0, 1)]


def conv(given, attributes):
    x, weight = given[0], given[1]
    bias = given[2] if len(given) > 2 else None
    kernel = list(weight.shape[2:])
    strides = list(attributes.get("strides", [1] * len(kernel)))
    dilations = list(attributes.get("dilations", [1] * len(kernel)))
    pads = _padding(attributes, x, kernel, strides, dilations)
    rank = len(kernel)
    if pads[:rank] == pads[rank:]:
        padding = pads[:rank]
    else:
        x, padding = F.pad(x, _torch_pad(pads)), [0] * rank
    return F.conv2d(x, weight, bias, strides, padding, dilations, attributes.get("group", 1))


def _pool_window(given, attributes):
    kernel = list(attributes["kernel_shape"])
    strides = list(attributes.get("strides", [1] * len(kernel)))
    dilations = list(attributes.get("dilations", [1] * len(kernel)))
    return kernel, strides, dilations, _padding(attributes, given[0], kernel, strides, dilations)


def _max_pool(given, attributes):
    kernel, strides, dilations, pads = _pool_window(given, attributes)
    x = F.pad(given[0], _torch_pad(pads), value=float("-inf")) if any(pads) else given[0]
    return F.max_pool2d(x, kernel, strides, 0, dilations, bool(attributes.get("ceil_mode", 0)))


def _average_pool(given, attributes):
    kernel, strides, _, pads = _pool_window(given, attributes)
    ceil = bool(attributes.get("ceil_mode", 0))
    if not any(pads):
        return F.avg_pool2d(given[0], kernel, strides, 0, ceil)
    x = F.pad(given[0], _torch_pad(pads))
    mean = F.avg_pool2d(x, kernel, strides, 0, ceil)
    if attributes.get("count_include_pad", 0):
        return mean
    inside = F.pad(torch.ones_like(given[0][:1, :1]), _torch_pad(pads))
    return mean / F.avg_pool2d(inside, kernel, strides, 0, ceil)


def _bounds(given, attributes):
    low = given[1] if len(given) > 1 else attributes.get("min")
    high = given[2] if len(given) > 2 else attributes.get("max")
    return [None if bound is None else float(bound) for bound in (low, high)]


def clip(given, attributes):
    return given[0].clamp(*_bounds(given, attributes))


def clip_in_place(given, attributes):
    return given[0].clamp_(*_bounds(given, attributes))


def relu(given, _):
    return F.relu(given[0])


def relu_in_place(given, _):
    return F.relu_(given[0])


def _gemm(given, attributes):
    a = given[0].T if attributes.get("transA", 0) else given[0]
    b = given[1].T if attributes.get("transB", 0) else given[1]
    y = attributes.get("alpha", 1.0) * (a @ b)
    return y + attributes.get("beta", 1.0) * given[2] if len(given) > 2 else y


def _reshape(given, attributes):
    x, shape = given
    allow_zero = attributes.get("allowzero", 0)
    dims = [x.shape[i] if d == 0 and not allow_zero else d for i, d in enumerate(shape.tolist())]
    return x.reshape(dims)


def _axes(given, attributes):
    return given[1].tolist() if len(given) > 1 else list(attributes.get("axes", []))


def _squeeze(given, attributes):
    x = given[0]
    axes = _axes(given, attributes) or [i for i, d in enumerate(x.shape) if d == 1]
    gone = {axis % x.dim() for axis in axes}
    return x.reshape([d for i, d in enumerate(x.shape) if i not in gone])


def _reduce_mean(given, attributes):
    axes = _axes(given, attributes) or list(range(given[0].dim()))
    return given[0].mean(axes, keepdim=bool(attributes.get("keepdims", 1)))


def _pad(given, attributes):
    if attributes.get("mode", b"constant") != b"constant":
        raise SystemExit(f"onnx_torch: expected constant padding; got {attributes['mode']}")
    pads = given[1].tolist() if len(given) > 1 else list(attributes["pads"])
    value = float(given[2]) if len(given) > 2 and given[2] is not None else attributes.get("value", 0.0)
    return F.pad(given[0], _torch_pad(pads), value=value)


def _flatten(given, attributes):
    x, axis = given[0], attributes.get("axis", 1)
    rows = int(np.prod(x.shape[:axis]))
    return x.reshape(rows, -1)


def _batch_norm(given, attributes):
    x, scale, shift, mean, variance = given
    return F.batch_norm(x, mean, variance, scale, shift, False, 0.0, attributes.get("epsilon", 1e-5))


OPS = {
    "Add": lambda given, _: given[0] + given[1],
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Clip": clip,
    "Concat": lambda given, attributes: torch.cat(given, attributes["axis"]),
    "Conv": conv,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "GlobalAveragePool": lambda given, _: given[0].mean((2, 3), keepdim=True),
    "Identity": lambda given, _: given[0],
    "MatMul": lambda given, _: given[0] @ given[1],
    "MaxPool": _max_pool,
    "Mul": lambda given, _: given[0] * given[1],
    "Pad": _pad,
    "ReduceMean": _reduce_mean,
    "Relu": relu,
    "Reshape": _reshape,
    "Softmax": lambda given, attributes: F.softmax(given[0], attributes.get("axis", -1)),
    "Squeeze": _squeeze,
    "Transpose": lambda given, attributes: given[0].permute(attributes["perm"]),
}
