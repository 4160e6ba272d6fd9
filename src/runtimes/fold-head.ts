// The two parts of a folded head in an inference engine.

import type { FoldedHead, FoldFacts, TailRows } from '../craft/folded-head.ts';
import { CraftError } from '../errors.ts';
import type { LatentInfo } from '../onnx/cut.ts';
import { foldHead, type HeadFold, TAIL_INPUTS } from '../onnx/fold.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inParts } from './fixed-batch.ts';
import { type HeadFolder, keptFold } from './kept-fold.ts';
import type { Runtime, Session } from './runtime.ts';

/** ONNX model h and the files that its weights are in, by location. */
export interface HeadModel {
  readonly head: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The widest tensor of a run of the tail takes at most this: measured, 512 and 1024 wide, a row is fastest at 1 to
 * 8 MiB and twice as slow at 64, where every tensor leaves the caches.
 */
const TAIL_BYTES = 4 * 2 ** 20;
/** Rows in one run: more save nothing, and would keep a signal to abort waiting. */
const MOST_ROWS = 4096;
const FLOAT32 = 4;

/** Parts the head of a model, class by class. What the engine does not take is not parted. Release it when done. */
export function headFolder(runtime: Runtime, { head, files }: HeadModel): HeadFolder {
  return keptFold(async (request) => {
    const fold = foldHead(head, request);
    if (!fold) return null;
    const opened: Session[] = [];
    const open = async (model: Uint8Array): Promise<Session> => {
      const session = await runtime.open(model, files);
      opened.push(session);
      return session;
    };
    const release = async (): Promise<void> => {
      await Promise.all(opened.map((session) => session.release()));
    };
    try {
      return {
        prefix: fold.prefix && prefixOf(await open(fold.prefix.model), fold.prefix, fold.batch),
        tail: fold.tail && tailOf(await open(fold.tail.model), fold.tail, fold),
        width: fold.width,
        isVector: fold.isVector,
        rows: fold.tail ? rowsOf(fold.tail.widest) : MOST_ROWS,
        release,
      };
    } catch (error) {
      await release();
      if (error instanceof CraftError && error.code === 'RUNTIME') return null;
      throw error;
    }
  });
}

/**
 * What {@link headFolder} will find, from the graph alone. That P reads locations through one weighted sum is
 * taken from what is known of the layer; a run decides.
 */
export function foldFacts(
  head: Uint8Array,
  { reads, layout }: Pick<LatentInfo, 'reads' | 'layout'>,
  rank: number,
): FoldFacts | null {
  const fold = foldHead(head, { classId: 0, rank });
  if (!fold) return null;
  return {
    isAffine: fold.tail === null,
    hasPrefix: fold.prefix !== null,
    isShared: layout === 'NC' || (fold.isVector && reads !== 'all'),
  };
}

function rowsOf(widest: number): number {
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(TAIL_BYTES / (FLOAT32 * widest))));
}

function prefixOf(
  session: Session,
  { input, output }: NonNullable<HeadFold['prefix']>,
  batch: number | null,
): FoldedHead['prefix'] {
  return async (latents) => {
    const run = async (part: Tensor): Promise<Tensor<Float32Array>> =>
      (await session.run({ [input]: part }))[output];
    return (await inParts(latents, batch, run)).data;
  };
}

function tailOf(
  session: Session,
  { output }: NonNullable<HeadFold['tail']>,
  { width, batch }: HeadFold,
): FoldedHead['tail'] {
  return async ({ coefficients, count, basis, offset }: TailRows) => {
    const rank = basis.length / width;
    const shared = {
      [TAIL_INPUTS.basis]: { data: basis, dims: [rank, width] },
      [TAIL_INPUTS.offset]: { data: offset, dims: [width] },
    };
    const rows = { data: coefficients, dims: [count, rank] };
    const run = async (part: Tensor): Promise<Tensor<Float32Array>> =>
      (await session.run({ [TAIL_INPUTS.coefficients]: part, ...shared }))[output];
    return (await inParts(rows, batch, run)).data;
  };
}
