// PAD, PADV2, MIRROR_PAD.

import { onnxAxis, refuseBatch } from './axes.ts';
import { malformed } from './fail.ts';
import type { Importer, Value } from './importer.ts';
import type { TfliteOperator } from './read.ts';

/** Far above the side of any image. */
const MAX_PAD = 1 << 16;

/** PAD with 0, PADV2 with a constant. In a quantised model too: its q is the zero point. */
export function pad(importer: Importer, o: TfliteOperator): void {
  const { x, pads, dims } = readPads(importer, o);
  const out = importer.define(o, { ...x, dims });
  const value = o.op === 'PADV2' ? importer.floats(importer.operand(o, 2))[0] : 0;
  addPad(importer, x, pads, 'constant', out, [importer.graph.scalar(value ?? 0)]);
}

/** REFLECT leaves the border cell out; SYMMETRIC repeats it, which ONNX does by its indices. */
export function mirrorPad(importer: Importer, o: TfliteOperator): void {
  const { x, pads, dims } = readPads(importer, o);
  const symmetric = o.options.int8(0) === 1;
  if (dims.some((d) => d > MAX_PAD)) throw malformed(o.op, `dims up to ${MAX_PAD}`, `[${dims}]`);
  pads.forEach(([begin, end], k) => {
    const most = x.dims[k] - (symmetric ? 0 : 1);
    if (begin > most || end > most)
      throw malformed(o.op, `pads of at most ${most} at dim ${k}`, [begin, end]);
  });
  const out = importer.define(o, { ...x, dims });
  if (symmetric) addMirrors(importer, x, pads, dims, out);
  else addPad(importer, x, pads, 'reflect', out, []);
}

function addMirrors(
  importer: Importer,
  x: Value,
  pads: readonly [number, number][],
  dims: readonly number[],
  out: string,
): void {
  const { graph } = importer;
  const padded = pads.flatMap(([begin, end], k) => (begin + end > 0 ? [k] : []));
  let name = x.name;
  padded.forEach((k, step) => {
    const size = x.dims[k];
    const mirror = (i: number) => (i < 0 ? -1 - i : i < size ? i : 2 * size - 1 - i);
    const indices = Array.from({ length: dims[k] }, (_, i) => mirror(i - pads[k][0]));
    const next = step === padded.length - 1 ? out : graph.unique(`${out}/mirror`);
    const axis = onnxAxis(k, x.dims.length, x.layout);
    name = graph.node('Gather', [name, graph.ints(`${out}/indices`, indices)], next, { axis });
  });
  if (padded.length === 0) graph.node('Identity', [name], out);
}

function readPads(
  importer: Importer,
  o: TfliteOperator,
): { x: Value; pads: [number, number][]; dims: number[] } {
  const x = importer.input(o);
  const flat = importer.ints(importer.operand(o, 1));
  if (flat.length !== 2 * x.dims.length || !flat.every((p) => p >= 0 && p <= MAX_PAD)) {
    throw malformed(o.op, `pads [${x.dims.length}, 2] of 0 … ${MAX_PAD}`, `[${flat.slice(0, 16)}]`);
  }
  const pads = x.dims.map((_, k): [number, number] => [flat[2 * k], flat[2 * k + 1]]);
  if (pads[x.batch][0] + pads[x.batch][1] > 0) refuseBatch(o, x.batch, x);
  return { x, pads, dims: x.dims.map((d, k) => d + pads[k][0] + pads[k][1]) };
}

function addPad(
  importer: Importer,
  x: Value,
  pads: readonly [number, number][],
  mode: string,
  out: string,
  value: readonly string[],
): void {
  const ordered: [number, number][] = pads.map(() => [0, 0]);
  pads.forEach((p, k) => {
    ordered[onnxAxis(k, pads.length, x.layout)] = p;
  });
  const flat = [...ordered.map(([begin]) => begin), ...ordered.map(([, end]) => end)];
  importer.graph.node('Pad', [x.name, importer.graph.ints(`${out}/pads`, flat), ...value], out, { mode });
}
