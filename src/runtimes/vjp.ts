// Vector-Jacobian products of a cut model in an inference engine, each graph made and opened when it is first used.

import type { GridLayer, Vjp, VjpOptions } from '../craft/attribution/vjp.ts';
import { isTensor } from '../craft/batches.ts';
import { CraftError } from '../errors.ts';
import { cutModel } from '../onnx/cut.ts';
import { differentiate } from '../onnx/differentiate.ts';
import type { LayerInfo } from '../onnx/layer.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { inParts } from './fixed-batch.ts';
import { type LateSession, openedLate } from './late-session.ts';
import type { Runtime } from './runtime.ts';

/** Graphs of a route for batches of different sizes: full ones, the last one, and one more. */
const MOST_SIZES = 3;

/** Models and the names at their seams; see CutParts, which holds them. */
interface Models {
  readonly encoder: Uint8Array;
  readonly head: Uint8Array;
  readonly whole: Uint8Array;
  readonly input: string;
  readonly latent: string;
  readonly output: string;
  readonly wholeOutput: string;
  readonly batch: number | null;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What is differentiated: a model, and the names of its ends. */
interface Route {
  readonly model: Uint8Array;
  readonly of: string;
  readonly by: string;
  /** Input that the batch goes to. */
  readonly input: string;
}

/** Gradients of g, h and f. */
export class Backward {
  readonly #runtime: Runtime;
  readonly #parts: Models;
  readonly #sessions = new Map<string, LateSession>();
  /** Batch sizes that a route has a graph for. */
  readonly #sizes = new Map<string, Set<number>>();
  /** Inputs that ran forward and backward so far. */
  runs = 0;

  constructor(runtime: Runtime, parts: Models) {
    this.#runtime = runtime;
    this.#parts = parts;
  }

  /**
   * @throws {@link CraftError} `MODEL_UNSUPPORTED` with the op that has no gradient and what works without;
   *   `LAYER_NOT_FOUND`; `OPTION` for a latent by the latent; `SHAPE`; `RUNTIME`.
   */
  readonly vjp: Vjp = async (batch, cotangent, options) => {
    const route = this.#route(options);
    checkPair(batch, cotangent);
    this.runs += batch.dims[0];
    const { size, session } = this.#gradient(route, batch.dims[0]);
    return inPairs(batch, cotangent, size, async (part, v) => {
      const feeds = { [route.input]: part, [`${route.of}/cotangent`]: v };
      return (await session.run(feeds))[`${route.by}/gradient`];
    });
  };

  /** The last of `layers` before `cut` that has places in the image, all of them read later; null if there is none. */
  gridLayer(layers: readonly LayerInfo[], cut: string): GridLayer | null {
    const at = layers.findIndex(({ tensor }) => tensor === cut);
    const found = layers.slice(0, Math.max(at, 0)).findLast(hasPlaces);
    if (!found) return null;
    const { tensor, layout, prefixTokens } = found;
    return {
      layer: tensor,
      layout: layout!,
      prefixTokens,
      activations: (batch) => this.#activations(batch, tensor),
    };
  }

  async release(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.release()));
  }

  #route({ of, withRespectTo }: VjpOptions): Route {
    const { encoder, head, whole, input, latent, output, wholeOutput } = this.#parts;
    if (withRespectTo === 'latent') {
      if (of === 'logit') return { model: head, of: output, by: latent, input: latent };
      throw new CraftError(
        'OPTION',
        'vjp: expected withRespectTo of the input or an earlier layer for the latent; got the latent itself',
      );
    }
    const by = withRespectTo === 'input' ? input : withRespectTo.layer;
    return of === 'latent'
      ? { model: encoder, of: latent, by, input }
      : { model: whole, of: wholeOutput, by, input };
  }

  /**
   * The graph of a route for `count` inputs: engines run it faster where sizes are known. A route has a few sizes;
   * other counts run in parts of the largest.
   */
  #gradient({ model, of, by }: Route, count: number): { size: number; session: LateSession } {
    const route = `${of} by ${by}`;
    const fixed = this.#parts.batch;
    const sizes = this.#sizes.get(route) ?? new Set();
    this.#sizes.set(route, sizes);
    const known = sizes.has(count) || sizes.size < MOST_SIZES;
    const size = fixed ?? (known ? count : Math.max(...sizes));
    sizes.add(size);
    const session = this.#session(`${route}, ${size}`, () =>
      differentiate(model, { of, withRespectTo: by, ...(fixed === null && { batch: size }) }),
    );
    return { size, session };
  }

  async #activations(batch: Tensor, tensor: string): Promise<Tensor<Float32Array>> {
    const { encoder, input, batch: size } = this.#parts;
    const session = this.#session(
      `activations of ${tensor}`,
      () => cutModel(encoder, tensor, { inline: false }).encoder,
    );
    // one output, whatever its name
    return inParts(batch, size, async (part) => Object.values(await session.run({ [input]: part }))[0]);
  }

  #session(key: string, make: () => Uint8Array): LateSession {
    let session = this.#sessions.get(key);
    if (!session) {
      session = openedLate(async () => this.#runtime.open(make(), this.#parts.files));
      this.#sessions.set(key, session);
    }
    return session;
  }
}

function hasPlaces({ layout, grid, reads }: LayerInfo): boolean {
  if (layout === 'NTC') return grid !== null && reads !== 'prefix';
  if (layout !== 'NCHW' && layout !== 'NHWC') return false;
  return grid === null || sizeOf(grid) > 1;
}

function checkPair(batch: Tensor, cotangent: Tensor): void {
  if (isTensor(batch) && batch.dims[0] === cotangent.dims[0]) return;
  throw new CraftError(
    'SHAPE',
    `vjp: expected a cotangent for each input; got dims [${batch.dims}] and [${cotangent.dims}]`,
  );
}

/** As {@link inParts}, for inputs with their cotangents. */
async function inPairs(
  batch: Tensor,
  cotangent: Tensor,
  size: number | null,
  run: (batch: Tensor, cotangent: Tensor) => Promise<Tensor<Float32Array>>,
): Promise<Tensor<Float32Array>> {
  if (size === null || size === batch.dims[0]) return run(batch, cotangent);
  const [count, ...rest] = batch.dims;
  const [, ...ends] = cotangent.dims;
  const [x, v] = [sizeOf(rest), sizeOf(ends)];
  const packed = new Float32Array(count * (x + v));
  for (let n = 0; n < count; n++) {
    packed.set(batch.data.subarray(n * x, (n + 1) * x), n * (x + v));
    packed.set(cotangent.data.subarray(n * v, (n + 1) * v), n * (x + v) + x);
  }
  return inParts({ data: packed, dims: [count, x + v] }, size, ({ data }) => {
    const inputs = new Float32Array(size * x);
    const ins = new Float32Array(size * v);
    for (let n = 0; n < size; n++) {
      inputs.set(data.subarray(n * (x + v), n * (x + v) + x), n * x);
      ins.set(data.subarray(n * (x + v) + x, (n + 1) * (x + v)), n * v);
    }
    return run({ data: inputs, dims: [size, ...rest] }, { data: ins, dims: [size, ...ends] });
  });
}
