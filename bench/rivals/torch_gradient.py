"""torch's forward and backward pass of one architecture, for bench/gradients.mjs, which asks line by line.

    /usr/bin/python3 bench/rivals/torch_gradient.py NAME --batch N --out DIR [--smooth]

writes DIR/model.onnx, one raw file for each input, and DIR/v.f32, then answers on stdout, one JSON line each:
"forward" and "both" run once and give CPU milliseconds; "compare FILE" gives how far the gradient in FILE (raw
float32), and torch's own float32 one, are from that of float64; "kinks FILE" how far it is if float64 takes the same
side at the kinks, and at how many it had taken the other.
"""

import argparse
import json
import os
import sys
import time

import numpy as np
import torch
from gradient_export import export, references, relative
from gradient_kinks import decided_alike
from gradient_models import run


def tell(value):
    print(json.dumps(value), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--smooth", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, inputs, opset, given, off = references(options.name, True, options.batch, options.smooth, 1)
    export(model, inputs, opset, os.path.join(options.out, "model.onnx"))
    described = []
    for key, tensor in inputs.items():
        tensor.numpy().tofile(os.path.join(options.out, key))
        described.append({"name": key, "dims": list(tensor.shape), "float": tensor.is_floating_point()})
    given["v"].tofile(os.path.join(options.out, "v"))
    tell({"inputs": described, "v": list(given["v"].shape)})

    v = torch.from_numpy(given["v"])
    for line in sys.stdin:
        command, *rest = line.split()
        start = time.process_time()
        if command == "forward":
            with torch.no_grad():
                run(model, inputs)
        elif command == "both":
            y, x = run(model, inputs)
            torch.autograd.grad(y, x, v)
        exact = given["gradient"]
        if command == "compare":
            ours = np.fromfile(rest[0], np.float32).reshape(exact.shape)
            tell({"ours": relative(ours, exact), "torch": off})
        elif command == "kinks":
            ours = np.fromfile(rest[0], np.float32).reshape(exact.shape)
            alike, moved = decided_alike(model, inputs, v, ours, exact)
            tell({"alike": alike, "moved": moved})
        else:
            tell(1000 * (time.process_time() - start))


if __name__ == "__main__":
    main()
