// From the tables of a TFLite file to an ONNX model.

import { converters } from './converters.ts';
import { unsupported } from './fail.ts';
import type { Dim } from './graph.ts';
import { Importer } from './importer.ts';
import type { TfliteModel, TfliteOperator, TfliteTensor } from './read.ts';
import { QUANTISED_RANGE } from './schema.ts';

/** How real numbers follow from the 8-bit pixels of a quantised model: real = (q − zeroPoint)·scale. */
interface PixelScale {
  readonly scale: number;
  /** Of q from 0 to 255, also for a model whose own q goes from −128. */
  readonly zeroPoint: number;
}

export interface ImportedModel {
  /** ONNX bytes. */
  readonly model: Uint8Array;
  readonly input: {
    readonly name: string;
    /** `['N', C, H, W]` for images. */
    readonly dims: (number | string)[];
    /** Null if the model reads reals. */
    readonly pixel: PixelScale | null;
  };
  readonly outputs: string[];
  /** How often each TFLite operator occurs. */
  readonly ops: Record<string, number>;
}

const BATCH = 'N';

/** @param bytes - length of the file: bounds the constants that may come of it. */
export function convert(model: TfliteModel, bytes: number): ImportedModel {
  const inputs = model.inputs.filter((i) => model.tensors[i].data === null);
  const shapeOnly = operatorsOnShapes(model);
  checkSupported(model, inputs, shapeOnly);

  const importer = new Importer(model, Math.min(4 * bytes + 4096, MAX_FLOATS));
  const input = importer.defineInput(inputs[0], BATCH);
  for (const o of model.operators) {
    if (!shapeOnly.has(o)) converters.get(o.op)!(importer, o);
  }
  const taken = new Set([input.name]);
  const outputs = model.outputs.map((index) => {
    const name = importer.defineOutput(index, taken);
    taken.add(name);
    return name;
  });
  return {
    model: importer.graph.toBytes(),
    input: { name: input.name, dims: input.dims.map(known), pixel: pixelScale(model.tensors[inputs[0]]) },
    outputs,
    ops: Object.fromEntries(counts(model.operators.map((o) => o.op))),
  };
}

/**
 * A byte stands for one float32 at most; four leave room for a buffer that several tensors share. An
 * ONNX file is one protobuf message, which ends at 2 GB.
 */
const MAX_FLOATS = 480_000_000;

function known(dim: Dim): number | string {
  return dim ?? BATCH;
}

function pixelScale(t: TfliteTensor): PixelScale | null {
  const range = QUANTISED_RANGE[t.type];
  if (!range || !t.quantisation || t.type === 'INT16') return null;
  return { scale: t.quantisation.scale[0], zeroPoint: t.quantisation.zeroPoint[0] - range[0] };
}

/**
 * The operators that compute with shapes, not with pixels: SHAPE and what follows from it in whole
 * numbers. They feed a RESHAPE or the like, whose result's shape the file states.
 */
function operatorsOnShapes(model: TfliteModel): Set<TfliteOperator> {
  const computed = new Set([...model.inputs, ...model.operators.flatMap((o) => o.outputs)]);
  const shapes = new Set<number>();
  const found = new Set<TfliteOperator>();
  for (const o of model.operators) {
    const whole = o.outputs.every((i) => isWhole(model.tensors[i]));
    const known = o.op === 'SHAPE' || o.inputs.every((i) => i < 0 || shapes.has(i) || !computed.has(i));
    if (!whole || !known || o.outputs.length === 0) continue;
    found.add(o);
    for (const i of o.outputs) shapes.add(i);
  }
  return found;
}

function isWhole(t: TfliteTensor): boolean {
  return (t.type === 'INT32' || t.type === 'INT64') && t.quantisation === null;
}

/** Names all that is in the way at once, before any work. */
function checkSupported(
  model: TfliteModel,
  inputs: readonly number[],
  shapeOnly: ReadonlySet<TfliteOperator>,
): void {
  const operators = model.operators.filter((o) => !shapeOnly.has(o));
  const missing = counts(operators.map((o) => o.op).filter((op) => !converters.has(op)));
  const problems = [...missing].map(([op, count]) => `${op} (${count}×)`);

  const computed = new Set([...inputs, ...operators.flatMap((o) => o.outputs)]);
  const used = new Set([...computed, ...operators.flatMap((o) => o.inputs.filter((i) => i >= 0))]);
  const types: string[] = [];
  for (const i of used) {
    const t = model.tensors[i];
    if (t.obstacle) types.push(t.obstacle);
    else if (computed.has(i) && !isReal(t))
      types.push(`computed tensors of ${t.type}${t.quantisation ? '' : ' without scale'}`);
    else if (!computed.has(i) && !CONSTANT_TYPES.has(t.type)) types.push(`constants of ${t.type}`);
  }
  problems.push(...[...counts(types)].map(([what, count]) => `${what} (${count}×)`));
  if (inputs.length !== 1) problems.push(`${inputs.length} inputs instead of 1`);
  else problems.push(...inputProblems(model.tensors[inputs[0]]));
  if (model.outputs.length === 0) problems.push('no output');
  if (problems.length > 0) throw unsupported(problems.join(', '));
}

function inputProblems(t: TfliteTensor): string[] {
  if (t.shape.length === 0) return ['an input without dims'];
  // A free size stands as 1 in the shapes of the file, and so do the sizes that follow from it.
  if (t.signature.slice(1).some((d) => d < 0)) return [`an input of free size [${t.signature}]`];
  return [];
}

const CONSTANT_TYPES = new Set(['FLOAT32', 'FLOAT16', 'FLOAT64', 'INT8', 'UINT8', 'INT16', 'INT32', 'INT64']);

function isReal(t: TfliteTensor): boolean {
  if (t.type === 'FLOAT32' || t.type === 'FLOAT16') return true;
  return QUANTISED_RANGE[t.type] !== undefined && t.quantisation?.scale.length === 1;
}

function counts(names: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return found;
}
