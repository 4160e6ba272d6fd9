"""Runs an ONNX classifier in torch, between any two of its tensors: g and h of one model for the rival.

    /usr/bin/python3 bench/rivals/onnx_torch.py --model M.onnx --input X.f32 --count N \
        --latent TENSOR --logits TENSOR --out DIR

writes DIR/latent.f32 and DIR/logits.f32, raw float32, which bench/explain.mjs compares with ONNX Runtime.

The nodes are interpreted one by one with torch.nn.functional, in the order of the file. Weights become
tensors once, when the model is loaded; attributes are read once as well. What torch users get for free the
rival gets too: a tensor is freed after its last use, and Relu and Clip behind a Conv work in place.
"""

import argparse
import os
from collections import Counter

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnx_ops import OPS, clip, clip_in_place, conv, relu, relu_in_place


class OnnxTorch:
    """A model as a list of steps. `run` computes one tensor from another; what lies between is freed."""

    def __init__(self, path):
        graph = onnx.load(path).graph
        self.constants = {w.name: _tensor(w) for w in graph.initializer}
        self.nodes = []
        for node in graph.node:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                self.constants[node.output[0]] = _tensor(attributes["value"])
            elif node.op_type in OPS:
                self.nodes.append((OPS[node.op_type], list(node.input), node.output[0], attributes))
            else:
                raise SystemExit(f"onnx_torch: expected one of {', '.join(OPS)}; got {node.op_type}")
        inputs = [i for i in graph.input if i.name not in self.constants]
        self.input = inputs[0].name
        self.dims = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim][1:]

    def part(self, source, target):
        """The function from tensor `source` to tensor `target`, with only the nodes that it needs."""
        steps, needed = [], {target}
        for step in reversed(self.nodes):
            _, inputs, output, _ = step
            if output in needed and output != source:
                steps.append(step)
                needed.update(inputs)
        steps.reverse()
        steps = _in_place(steps, target)
        last_use = {name: k for k, (_, inputs, _, _) in enumerate(steps) for name in inputs}

        def run(x):
            values = {source: x}
            for k, (op, inputs, output, attributes) in enumerate(steps):
                given = [self._value(values, name) for name in inputs]
                values[output] = op(given, attributes)
                for name in inputs:
                    if last_use[name] == k:
                        values.pop(name, None)
            return values[target]

        return run

    def _value(self, values, name):
        if name == "":
            return None
        return values[name] if name in values else self.constants[name]


def _in_place(steps, target):
    """Lets Relu and Clip overwrite the output of a Conv that nothing else reads."""
    uses = Counter(name for _, inputs, _, _ in steps for name in inputs)
    fresh = {output for op, _, output, _ in steps if op is conv and output != target and uses[output] == 1}
    replaced = {relu: relu_in_place, clip: clip_in_place}
    return [
        (replaced.get(op, op) if inputs[0] in fresh else op, inputs, output, attributes)
        for op, inputs, output, attributes in steps
    ]


def _tensor(proto):
    return torch.from_numpy(numpy_helper.to_array(proto).copy())


def main():
    parser = argparse.ArgumentParser()
    for name in ("model", "input", "latent", "logits", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    model = OnnxTorch(options.model)
    x = torch.from_numpy(np.fromfile(options.input, np.float32).reshape([options.count, *model.dims]))
    with torch.no_grad():
        latent = model.part(model.input, options.latent)(x)
        logits = model.part(options.latent, options.logits)(latent)
    latent.contiguous().numpy().tofile(os.path.join(options.out, "latent.f32"))
    logits.contiguous().numpy().tofile(os.path.join(options.out, "logits.f32"))


if __name__ == "__main__":
    main()
