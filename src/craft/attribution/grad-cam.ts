// Grad-CAM of a scalar s: L(x, y) = ReLU(α · A(x, y)) with α the mean of ∂s/∂A over the locations.
//
// Where the latent itself is averaged to a and s = u_i(a), ∂u_i/∂A(x, y) = J_i / (HW), so that
// L = ReLU(J_i · A(x, y)) / (HW), which needs no run of the model; without the ReLU it sums to J_i · a = u_i.

import { CraftError } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Latents, latentShape, toLatents } from '../layout.ts';
import { meanOverGrid } from './class-target.ts';
import type { MapTarget } from './target.ts';
import type { GridLayer } from './vjp.ts';

/** Grad-CAM of latents, if the target reads their grid: [N, K, h, w]; null if it does not. */
export async function gradCamOfLatents(
  latents: Latents,
  target: MapTarget,
): Promise<Tensor<Float32Array> | null> {
  const alpha = await target.latentGradients(latents);
  return alpha && weighted(latents, alpha, target.count);
}

/**
 * Grad-CAM at a layer before the latent, by a run of g backward: [N, K, h, w].
 *
 * @throws {@link CraftError} `STATE` if there is no such layer.
 */
export async function gradCamAtLayer(
  images: Tensor,
  target: MapTarget,
  gridLayer: GridLayer | null,
): Promise<Tensor<Float32Array>> {
  if (!gridLayer) {
    throw new CraftError(
      'STATE',
      'grad-cam: expected a latent with a grid that h reads, or a layer before it that has one; got neither – use occlusion or rise, or cut at an earlier layer',
    );
  }
  const { layer, layout, prefixTokens } = gridLayer;
  const activations = await gridLayer.activations(images);
  const shape = latentShape(activations.dims, { layout, prefixTokens });
  const latents = toLatents(activations, shape);
  const { gradients } = await target.gradients(images, { layer });
  const pairs = latents.count * target.count;
  const alpha =
    gradients.data.length === 0
      ? new Float32Array(pairs * shape.width) // no target has a slope
      : meanOverGrid(toLatents(gradients, shape), pairs);
  return weighted(latents, alpha, target.count);
}

/** ReLU(α_k · A(x, y)) on the grid. */
function weighted({ data, count, shape }: Latents, alpha: Float32Array, K: number): Tensor<Float32Array> {
  const { locations: T, width: p, prefixTokens, grid } = shape;
  if (!grid) {
    throw new CraftError(
      'SHAPE',
      `grad-cam: expected a layer whose locations are a grid; got ${T - prefixTokens} locations`,
    );
  }
  const area = grid[0] * grid[1];
  const maps = new Float32Array(count * K * area);
  for (let nk = 0; nk < count * K; nk++) {
    const first = Math.floor(nk / K) * T + prefixTokens;
    for (let t = 0; t < area; t++) {
      let value = 0;
      for (let c = 0, at = (first + t) * p; c < p; c++, at++) value += alpha[nk * p + c] * data[at];
      maps[nk * area + t] = Math.max(0, value);
    }
  }
  return { data: maps, dims: [count, K, ...grid] };
}
