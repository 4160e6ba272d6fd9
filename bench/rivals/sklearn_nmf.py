"""scikit-learn's NMF on a raw float32 matrix, timing itself; one JSON line.

usage: sklearn_nmf.py fit A.f32 n p r W.f32     (writes W) | transform A.f32 n p r W.f32
"""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.decomposition import NMF

warnings.filterwarnings("ignore")
mode, file, n, p, r, bank = sys.argv[1:]
A = np.fromfile(file, np.float32).reshape(int(n), int(p))
model = NMF(int(r), init="nndsvda", solver="cd", tol=1e-4, max_iter=200, random_state=0)
if mode == "fit":
    start, wall = time.process_time(), time.perf_counter()
    U = model.fit_transform(A)
    cpu, wall = time.process_time() - start, time.perf_counter() - wall
    W = model.components_
    W.astype(np.float32).tofile(bank)
    iterations = model.n_iter_
else:
    model.set_params(max_iter=1).fit(A[: max(100, int(r))])  # gives it the attributes of a fitted model
    W = model.components_ = np.fromfile(bank, np.float32).reshape(int(r), int(p))
    model.set_params(max_iter=200)
    start, wall = time.process_time(), time.perf_counter()
    U = model.transform(A)
    cpu, wall = time.process_time() - start, time.perf_counter() - wall
    iterations = 0
residual = 0.0
for i in range(0, len(A), 1000):
    block = A[i : i + 1000].astype(np.float64) - U[i : i + 1000].astype(np.float64) @ W.astype(np.float64)
    residual += float((block * block).sum())
print(json.dumps({"cpu": cpu, "wall": wall, "loss": residual / 2, "iterations": int(iterations)}))
