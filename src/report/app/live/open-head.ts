// h in the page: class scores of an input from its concepts, each kept in part.

import { latentShape } from '../../../craft/layout.ts';
import { MaskedLatents } from '../../../craft/masked-latents.ts';
import type { HeadData } from '../../live-head.ts';
import type { Explained, LiveHead } from '../../report-data.ts';
import { bytesOf } from '../bytes-of.ts';
import { openEngine, type Session } from './open-engine.ts';
import { receive } from './receive.ts';

export interface Head {
  /**
   * h((u ⊙ m) W) of one input.
   *
   * @param kept - m by concept id; 1 where it is missing.
   * @returns scores of all classes.
   */
  scores(input: number, kept: Readonly<Record<number, number>>): Promise<ArrayLike<number>>;
}

let opened: Promise<Head> | null = null;

/** Opens the head, once for the page; anew if that failed. */
export function openHead(explanation: Explained, live: LiveHead): Promise<Head> {
  opened ??= open(explanation, live).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** Whether it has been asked for: then it is opened without asking again. */
export const isOpened = (): boolean => opened !== null;

async function open({ layer, concepts }: Explained, live: LiveHead): Promise<Head> {
  const data = (await receive(live.head, 'head')) as HeadData;
  const engine = await openEngine(live);
  const session = await engine.InferenceSession.create(bytesOf(data.model), { executionProviders: ['wasm'] });
  const r = concepts.length;
  const shape = latentShape([1, ...layer.dims.slice(1).map(Number)], layer);
  const W = { data: floatsOf(data.W), dims: [r, shape.width] };
  const u = floatsOf(data.u);
  const each = shape.locations * r;
  checkFits(session, u.length, live.inputs.length * each);
  const latents = new MaskedLatents(W, shape);
  return {
    async scores(input, kept) {
      const at = live.inputs.indexOf(input);
      const mask = Float32Array.from({ length: r }, (_, id) => kept[id] ?? 1);
      const latent = new Float32Array(latents.size);
      latents.write(u.subarray(at * each, (at + 1) * each), mask, latent);
      const feed = new engine.Tensor('float32', latent, [1, ...shape.dims]);
      const results = await session.run({ [session.inputNames[0]]: feed });
      return results[session.outputNames[0]].data;
    },
  };
}

function checkFits({ inputNames }: Session, found: number, expected: number): void {
  if (found !== expected) throw new Error('the head beside this page is of another run');
  if (inputNames.length !== 1)
    throw new Error(`the head reads more than the layer: ${inputNames.join(', ').slice(0, 200)}`);
}

const floatsOf = (base64: string): Float32Array => new Float32Array(bytesOf(base64).buffer);
