"""Total Sobol indices of concepts, input by input, the way the CRAFT reference loops: to be timed.

    python3 importance_loop.py JSON

JSON (an argument): u, W, masks, layers: files of raw float32; inputs, r, p, N, grid (0: vectors), activation,
class_id, threads. Prints one line of JSON: seconds of the loop, importance [r].

For each input: (u * mask) @ W for all N(r + 2) masks in numpy, NCHW for maps, h in torch in batches of 64, Jansen.
"""

import json
import sys
import time

import numpy as np
import torch

BATCH = 64


def raw(path, *dims):
    return np.fromfile(path, dtype=np.float32).reshape(dims)


def head_of(job):
    layers = []
    if job["grid"]:
        layers += [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()]
    for k, (path, (width, to)) in enumerate(zip(job["layers"], zip(job["widths"], job["widths"][1:]))):
        values = np.fromfile(path, dtype=np.float32)
        linear = torch.nn.Linear(width, to)
        linear.weight.data = torch.from_numpy(values[: to * width].reshape(to, width))
        linear.bias.data = torch.from_numpy(values[to * width :])
        if k > 0:
            layers.append({"Relu": torch.nn.ReLU, "Tanh": torch.nn.Tanh}[job["activation"]]())
        layers.append(linear)
    return torch.nn.Sequential(*layers).eval()


def jansen(y, N):
    a, c = y[:N], y[2 * N :].reshape(-1, N)
    return ((a[None] - c) ** 2).sum(1) / (2 * N * a.var(ddof=1))


def main():
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    r, p, N, grid = job["r"], job["p"], job["N"], job["grid"]
    places = (grid, grid) if grid else ()
    U = raw(job["u"], job["inputs"], *places, r)
    W = raw(job["W"], r, p)
    masks = raw(job["masks"], N * (r + 2), r)
    h = head_of(job)
    indices = []
    start = time.perf_counter()
    with torch.no_grad():
        for u in U:
            m = masks.reshape(-1, *(1 for _ in places), r)
            latents = torch.from_numpy((u[None] * m) @ W)
            if grid:
                latents = latents.permute(0, 3, 1, 2)
            y = torch.cat([h(latents[k : k + BATCH])[:, job["class_id"]] for k in range(0, len(latents), BATCH)])
            indices.append(jansen(y.numpy(), N))
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "importance": np.mean(indices, 0).tolist(), "torch": torch.__version__}))


main()
