"""CRAFT the way its Python reference works, to be timed: torch for g and h, scikit-learn for the rest.

    /usr/bin/python3 bench/rivals/reference.py --model M.onnx --layer TENSOR --logits TENSOR --images DIR \
        --count 60 --class-id 949 --mean 128,128,128 --std 128,128,128 --out RESULT.json

Written from a description of the method and of the reference's behaviour. What it keeps of that behaviour,
because it is what costs time and memory:

- all images are one tensor, all crops another, all crops at the model's input size a third;
- NMF and NMF.transform are scikit-learn's with its defaults (cd, nndsvda, tol 1e-4, 200 iterations);
- `transform` runs g on the whole images, and `estimate_importance` calls `transform`, so g runs again;
- importance loops over the images and runs h on N(r + 2) masked latents of each, unscrambled Halton design.

Notation: A [n, p] activations, U [n, r], W [r, p], N design size, s patch size.
"""

import argparse
import json
import os
import resource
import sys
import time

STARTED = time.perf_counter()  # before torch, scipy and scikit-learn are imported

import numpy as np
import sklearn
import torch
from onnx_torch import OnnxTorch
from PIL import Image
from scipy.stats import qmc
from sklearn.decomposition import NMF
from torch.nn import functional as F

BATCH = 64


class Stages:
    """Wall and CPU seconds of named stages; a stage that runs twice is added up."""

    def __init__(self):
        self.seconds = {}

    def time(self, name, work):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.add(name, time.perf_counter() - wall, time.process_time() - cpu)
        return result

    def add(self, name, wall, cpu):
        stage = self.seconds.setdefault(name, {"wall": 0, "cpu": 0})
        stage["wall"] += wall
        stage["cpu"] += cpu


class Reference:
    """fit → transform → estimate_importance, in the reference's order of work."""

    def __init__(self, g, h, concepts, patch_size, rows, seed, stages):
        self.g, self.h, self.stages = g, h, stages
        self.concepts, self.patch_size, self.rows, self.seed = concepts, patch_size, rows, seed

    def encode(self, x):
        return torch.cat([self.g(batch) for batch in x.split(BATCH)])

    def crops_of(self, images):
        s = self.patch_size
        stride = int(0.8 * s)
        windows = images.unfold(2, s, stride).unfold(3, s, stride)
        crops = windows.permute(0, 2, 3, 1, 4, 5).reshape(-1, images.shape[1], s, s)
        return F.interpolate(crops, size=images.shape[2:], mode="bilinear", align_corners=False)

    def activations_of(self, images):
        """A: a row is the mean of a crop's latent, or one location of a whole image's."""
        if self.rows == "dense":
            return rows_of(self.stages.time("fit: g", lambda: self.encode(images)))
        crops = self.stages.time("fit: crops", lambda: self.crops_of(images))
        latent = self.stages.time("fit: g", lambda: self.encode(crops))
        return (latent.mean((2, 3)) if latent.dim() == 4 else latent).numpy()

    def fit(self, images):
        A = self.activations_of(images)
        self.nmf = NMF(n_components=self.concepts, random_state=self.seed)
        U = self.stages.time("fit: NMF", lambda: self.nmf.fit_transform(A))
        self.W = self.nmf.components_.astype(np.float32)
        self.relative_error = float(np.linalg.norm(A - U @ self.W) / np.linalg.norm(A))
        return U

    def transform(self, images, stage="transform"):
        latent = self.stages.time(f"{stage}: g", lambda: self.encode(images))
        U = self.stages.time(f"{stage}: NMF", lambda: self.nmf.transform(rows_of(latent)))
        if latent.dim() == 4:
            U = U.reshape(latent.shape[0], latent.shape[2], latent.shape[3], -1)
        return U

    def estimate_importance(self, images, class_id, nb_design):
        U = self.transform(images, "importance")
        masks = replicated_halton(self.concepts, nb_design)
        return self.stages.time("importance: h", lambda: self.sobol(U, masks, class_id, nb_design))

    def sobol(self, U, masks, class_id, nb_design):
        """[N, r] by Jansen, an image at a time."""
        return np.array([jansen(self.masked_logits(u, masks, class_id), nb_design) for u in U])

    def masked_logits(self, u, masks, class_id):
        if u.ndim == 3:
            A = (u[None] * masks[:, None, None, :]) @ self.W
            A = np.moveaxis(A, -1, 1)
        else:
            A = (u[None] * masks) @ self.W
        latent = torch.from_numpy(np.ascontiguousarray(A, np.float32))
        return torch.cat([self.h(batch)[:, class_id] for batch in latent.split(BATCH)]).numpy()


def rows_of(latent):
    """[n, p], a row for every location."""
    if latent.dim() == 2:
        return latent.numpy()
    return latent.permute(0, 2, 3, 1).reshape(-1, latent.shape[1]).numpy()


def replicated_halton(r, N):
    """[N(r + 2), r]: A, B, then C_i = A with column i from B."""
    points = qmc.Halton(2 * r, scramble=False).random(N).astype(np.float32)
    A, B = points[:, :r], points[:, r:]
    replicas = []
    for i in range(r):
        C = A.copy()
        C[:, i] = B[:, i]
        replicas.append(C)
    return np.concatenate([A, B, *replicas])


def jansen(y, N):
    fA, fC = y[:N], y[2 * N :].reshape(-1, N)
    return ((fA - fC) ** 2).sum(1) / (2 * N * fA.var(ddof=1))


def load_images(folder, count, dims, mean, std):
    _, height, width = dims
    names = sorted(n for n in os.listdir(folder) if n.lower().endswith((".jpg", ".jpeg", ".png")))[:count]
    images = np.empty((len(names), 3, height, width), np.float32)
    for k, name in enumerate(names):
        with Image.open(os.path.join(folder, name)) as picture:
            pixels = picture.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
        images[k] = (np.asarray(pixels, np.float32).transpose(2, 0, 1) - mean) / std
    return torch.from_numpy(images)


def peak_bytes():
    """Of this program alone: ru_maxrss also counts the process that started it, up to exec."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def per_channel(values):
    """[C, 1, 1] from numbers with commas between them."""
    return np.array([float(v) for v in values.split(",")], np.float32).reshape(-1, 1, 1)


def parse():
    parser = argparse.ArgumentParser()
    for name in ("model", "layer", "logits", "images", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--class-id", type=int, required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--concepts", type=int, default=10)
    parser.add_argument("--patch-size", type=int, default=64)
    parser.add_argument("--nb-design", type=int, default=32)
    parser.add_argument("--rows", choices=("crops", "dense"), default="crops")
    parser.add_argument("--mean", type=per_channel, required=True)
    parser.add_argument("--std", type=per_channel, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    stages = Stages()
    stages.add("imports", time.perf_counter() - STARTED, time.process_time())
    model = stages.time("load: model", lambda: OnnxTorch(options.model))
    images = stages.time(
        "load: images",
        lambda: load_images(options.images, options.count, model.dims, options.mean, options.std),
    )
    g, h = model.part(model.input, options.layer), model.part(options.layer, options.logits)
    with torch.no_grad():
        craft = Reference(g, h, options.concepts, options.patch_size, options.rows, options.seed, stages)
        craft.fit(images)
        craft.transform(images)
        per_input = craft.estimate_importance(images, options.class_id, options.nb_design)
    result = {
        "versions": {"torch": torch.__version__, "sklearn": sklearn.__version__, "numpy": np.__version__},
        "stages": stages.seconds,
        "images": len(images),
        "iterations": int(craft.nmf.n_iter_),
        "relativeError": craft.relative_error,
        "importance": per_input.mean(0).tolist(),
        "usage": {"cpu": time.process_time(), "peak": peak_bytes()},
    }
    with open(options.out, "w", encoding="utf8") as out:
        json.dump(result, out)


if __name__ == "__main__":
    main()
