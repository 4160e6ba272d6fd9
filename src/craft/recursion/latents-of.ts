// Running g of an earlier layer on a few parts of the inputs: crops, or inputs as they are.
//
// What was run is kept by part, in full, in the space of that layer; a crop that several concepts share, or
// that a later run asks for, is not run again.

import { type Box, cutCrops } from '../../inputs/crops.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { type ActivationSpace, type Activations, areKeyed, type KeyedInputs } from '../activation-store.ts';
import {
  batchCount,
  batchesOf,
  type CraftInputs,
  checkAborted,
  type InputBatch,
  isTensor,
} from '../batches.ts';
import type { Encoder } from '../encode.ts';
import { LATENT } from '../encode-kept.ts';
import type { Latents } from '../layout.ts';
import type { RunOptions } from '../options.ts';

/** A part of an input: a box of an image, or null for all of it. */
export interface Part {
  readonly input: number;
  readonly box: Box | null;
}

/** The latent of a part, the k-th asked for. */
interface PartLatents {
  readonly part: number;
  readonly latents: Latents;
}

/** g of one layer, and where what it gives is kept. */
export interface PartEncoder {
  readonly encoder: Encoder;
  readonly space: ActivationSpace | null;
}

/**
 * Latents of parts of inputs, one at a time, in the order that the inputs come in.
 *
 * @param parts - each input by its place among `inputs`; parts should differ, or they are run as often.
 */
export async function* latentsOf(
  { encoder, space }: PartEncoder,
  inputs: CraftInputs,
  parts: readonly Part[],
  run: RunOptions,
): AsyncGenerator<PartLatents> {
  const wanted = new WantedParts(parts, encoder, run.signal);
  const all = space && areKeyed(inputs) ? keptParts(wanted, space, inputs) : freshParts(wanted, inputs);
  let done = 0;
  for await (const { part, latent } of all) {
    yield { part, latents: encoder.read({ data: latent.data, dims: [1, ...latent.dims] }) };
    done++;
    run.onProgress?.({ stage: 'encode', done, total: parts.length });
    if (done === parts.length) return;
  }
}

/** A latent without N. */
interface PartLatent {
  readonly part: number;
  readonly latent: Tensor;
}

async function* freshParts(wanted: WantedParts, inputs: CraftInputs): AsyncGenerator<PartLatent> {
  let first = 0;
  for await (const batch of batchesOf(inputs, wanted.batchSize, wanted.signal)) {
    for (let place = 0; place < batchCount(batch); place++) {
      const own = wanted.of(first + place);
      if (own.length > 0) yield* wanted.run(itemOf(batch, place), own);
    }
    first += batchCount(batch);
  }
}

async function* keptParts(
  wanted: WantedParts,
  space: ActivationSpace,
  inputs: KeyedInputs,
): AsyncGenerator<PartLatent> {
  let first = 0;
  // every input was used by the fit, so that none need be decoded to know that it can
  for await (const batch of inputs.keyedBatches(async () => true)) {
    for (const [place, key] of batch.keys.entries()) {
      const missing: number[] = [];
      for (const part of wanted.of(first + place)) {
        const entry = await space.get(wanted.nameOf(part), key, isLatent);
        if (entry) space.kept++;
        if (entry) yield { part, latent: entry.latent };
        else missing.push(part);
      }
      if (missing.length === 0) continue;
      for await (const fresh of wanted.run(await batch.read([place]), missing)) {
        await space.put(wanted.nameOf(fresh.part), key, { latent: fresh.latent });
        yield fresh;
      }
    }
    first += batch.keys.length;
  }
}

/** The parts that are asked for, by input. */
class WantedParts {
  readonly #parts: readonly Part[];
  readonly #byInput = new Map<number, number[]>();
  readonly #encoder: Encoder;
  readonly signal: AbortSignal | undefined;

  constructor(parts: readonly Part[], encoder: Encoder, signal: AbortSignal | undefined) {
    this.#parts = parts;
    this.#encoder = encoder;
    this.signal = signal;
    for (const [k, { input }] of parts.entries()) {
      const own = this.#byInput.get(input);
      if (own) own.push(k);
      else this.#byInput.set(input, [k]);
    }
  }

  get batchSize(): number {
    return this.#encoder.options.batchSize;
  }

  of(input: number): readonly number[] {
    return this.#byInput.get(input) ?? [];
  }

  /** What the entry of a part is named: whole inputs share theirs with runs that explain that layer. */
  nameOf(part: number): string {
    const { box } = this.#parts[part];
    return box ? `crop ${box.x} ${box.y} ${box.width} ${box.height}` : LATENT;
  }

  /** Runs g on parts of one input. */
  async *run(input: InputBatch, parts: readonly number[]): AsyncGenerator<PartLatent> {
    for (let from = 0; from < parts.length; from += this.batchSize) {
      checkAborted(this.signal);
      const some = parts.slice(from, from + this.batchSize);
      const boxes = some.flatMap((k) => this.#parts[k].box ?? []);
      const isCut = boxes.length === some.length && isTensor(input);
      const batch = isCut ? cutCrops(input, boxes, { layout: this.#encoder.options.inputLayout }) : input;
      const { data, dims } = await this.#encoder.encode(batch);
      const size = sizeOf(dims.slice(1));
      for (const [k, part] of some.entries()) {
        const start = isCut ? k * size : 0; // without a box it is the input itself
        const own = Float32Array.from(data.subarray(start, start + size));
        yield { part, latent: { data: own, dims: dims.slice(1) } };
      }
    }
  }
}

/** Whether an entry is a latent without N. */
function isLatent({ latent }: Activations): boolean {
  return latent?.data instanceof Float32Array && latent.dims.length > 0;
}

/** One input of a batch, as a batch. */
function itemOf(batch: InputBatch, place: number): InputBatch {
  if (!isTensor(batch)) return [batch[place]];
  const [, ...dims] = batch.dims;
  const size = sizeOf(dims);
  return { data: batch.data.subarray(place * size, (place + 1) * size), dims: [1, ...dims] };
}
