// The head reads shapes of tensors before the cut (torch exports do, to keep the batch free). They are
// made again from the latent's own dims.
//
// Notation: L = dims of the latent, v = a dim that the head reads, both known at several pins of the free
// dims. v is one of: a constant; a·Lᵢ/d + c; a·LᵢLⱼ/d + c, with whole a, d, c.

import { CraftError } from '../errors.ts';
import type { Analysis } from './analysis.ts';
import { intOf } from './attributes.ts';
import { int64Tensor, makeNode } from './build.ts';
import { constantValues, selectedRange } from './node-axes.ts';
import type { NodeProto, TensorProto } from './proto/onnx_pb.ts';
import type { Dims } from './shapes/value.ts';

/** v = factor · Π L[axes] / divisor + offset. */
export interface DimFormula {
  axes: readonly number[];
  factor: number;
  divisor: number;
  offset: number;
}

/** Parts of a graph to put in front of the head's own nodes. */
export interface Rebuilt {
  nodes: NodeProto[];
  initializers: TensorProto[];
}

/** Divisors beyond this are chance, not a stride. */
const MAX_DIVISOR = 4096;

/**
 * Nodes that make the outputs of `shapeNodes` (Shape or Size of tensors before the cut) from the latent.
 *
 * @param shapeNodes - nodes that the head needs, in order; their outputs are made under the same names.
 * @param fresh - makes names that the model does not have.
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if a dim that is read does not follow from the latent's.
 */
export function rebuildShapes(
  analysis: Analysis,
  latent: string,
  shapeNodes: readonly NodeProto[],
  fresh: (name: string) => string,
): Rebuilt {
  const rebuilt: Rebuilt = { nodes: [], initializers: [] };
  if (shapeNodes.length === 0) return rebuilt;
  const latentShape = fresh(`${latent}/shape`);
  rebuilt.nodes.push(makeNode('Shape', [latent], [latentShape]));
  for (const node of shapeNodes) {
    const formulas = formulasOf(analysis, latent, node);
    const [output] = node.output;
    if (node.opType === 'Size') {
      emit(rebuilt, formulas[0], latentShape, output, [], fresh);
      continue;
    }
    const parts = formulas.map((formula, i) => {
      const part = fresh(`${output}/${i}`);
      emit(rebuilt, formula, latentShape, part, [1], fresh);
      return part;
    });
    rebuilt.nodes.push(makeNode('Concat', parts, [output], { axis: 0 }));
  }
  return rebuilt;
}

function formulasOf(analysis: Analysis, latent: string, node: NodeProto): DimFormula[] {
  const { shapes } = analysis;
  const [read] = node.input;
  const L = shapes.dimsAtPins(latent);
  if (node.opType === 'Size') {
    const sizes = shapes.sizesAtPins(read);
    const formula = sizes && L ? fitDim(sizes, L) : null;
    return [formula ?? unknown(read, 'number of elements', latent)];
  }
  const dims = shapes.dimsAtPins(read);
  const start = intOf(node, 'start', 0);
  const needed = neededIndices(analysis, node);
  const slices = dims?.map((d) => d.slice(start, intOf(node, 'end', d.length)));
  if (!slices || !L) return unknown(read, 'shape', latent);
  return slices[0].map((_, i) => {
    const formula = fitDim(
      slices.map((d) => d[i]),
      L,
    );
    if (formula) return formula;
    // a place that nobody reads may hold anything
    const isRead = needed === null || needed.has(i) || needed.has(i - slices[0].length);
    return isRead ? unknown(read, `dim ${i}`, latent) : constantFormula(0);
  });
}

function unknown(tensor: string, what: string, latent: string): never {
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `cutModel: expected the ${what} of "${tensor}", which is read after the cut, to follow from the shape of "${latent}"; got one that does not; cut at another layer, or export the model with a fixed input size`,
  );
}

/** Indices of a shape that constant Gathers and Slices take; null if something else reads it. */
function neededIndices(analysis: Analysis, node: NodeProto): Set<number> | null {
  const needed = new Set<number>();
  for (const reader of analysis.graph.consumers.get(node.output[0]) ?? []) {
    if (reader.input[0] !== node.output[0]) return null;
    const indices = reader.opType === 'Gather' ? constantValues(analysis.graph, reader.input[1]) : null;
    const range = reader.opType === 'Slice' ? selectedRange(analysis.graph, reader, 1) : null;
    const isBounded = range && range.start >= 0 && range.end >= 0 && range.end <= 64;
    if (!indices && !isBounded) return null;
    for (const i of indices ?? []) needed.add(i);
    if (isBounded) for (let i = range.start; i < range.end; i++) needed.add(i);
  }
  return needed;
}

/**
 * The simplest formula that gives `v` at every pin from the latent's dims `L` at that pin: fewest axes,
 * then the smallest offset, then the smallest divisor. null if there is none.
 */
export function fitDim(v: readonly number[], L: readonly Dims[]): DimFormula | null {
  if (v.every((x) => x === v[0])) return constantFormula(v[0]);
  const rank = L[0].length;
  const fits: DimFormula[] = [];
  const attempt = (axes: readonly number[]): void => {
    const fit = fitLine(
      v,
      L.map((dims) => axes.reduce((p, axis) => p * dims[axis], 1)),
    );
    if (fit) fits.push({ axes, ...fit });
  };
  for (let i = 0; i < rank; i++) attempt([i]);
  if (fits.length === 0) for (let i = 0; i < rank; i++) for (let j = i; j < rank; j++) attempt([i, j]);
  fits.sort((a, b) => Math.abs(a.offset) - Math.abs(b.offset) || a.divisor - b.divisor);
  return fits[0] ?? null;
}

function constantFormula(value: number): DimFormula {
  return { axes: [], factor: 0, divisor: 1, offset: value };
}

/** v = factor · z / divisor + offset in whole numbers, through all points. */
function fitLine(v: readonly number[], z: readonly number[]): Omit<DimFormula, 'axes'> | null {
  const other = z.findIndex((x) => x !== z[0]);
  if (other < 0) return null;
  const rise = v[other] - v[0];
  const run = z[other] - z[0];
  const common = gcd(Math.abs(rise), Math.abs(run)) || 1;
  const divisor = Math.abs(run) / common;
  const factor = (rise / common) * Math.sign(run);
  const offset = v[0] - (factor * z[0]) / divisor;
  if (divisor > MAX_DIVISOR || !Number.isInteger(offset)) return null;
  const holds = z.every((x, i) => factor * x === (v[i] - offset) * divisor);
  return holds ? { factor, divisor, offset } : null;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Nodes that compute a formula as a tensor of `dims` ([] or [1]). */
function emit(
  rebuilt: Rebuilt,
  formula: DimFormula,
  latentShape: string,
  output: string,
  dims: readonly number[],
  fresh: (name: string) => string,
): void {
  const constant = (value: number): string => {
    const name = fresh(`${output}/constant`);
    rebuilt.initializers.push(int64Tensor(name, [value], dims));
    return name;
  };
  if (formula.axes.length === 0) {
    rebuilt.nodes.push(makeNode('Identity', [constant(formula.offset)], [output]));
    return;
  }
  const steps: [op: string, operand: string][] = [];
  if (formula.factor !== 1) steps.push(['Mul', constant(formula.factor)]);
  if (formula.divisor !== 1) steps.push(['Div', constant(formula.divisor)]);
  if (formula.offset !== 0) steps.push(['Add', constant(formula.offset)]);
  const dimOf = (axis: number): string => {
    const name = fresh(`${output}/dim`);
    rebuilt.nodes.push(makeNode('Gather', [latentShape, constant(axis)], [name], { axis: 0 }));
    return name;
  };
  let [at, ...others] = formula.axes.map(dimOf);
  const all: [string, string][] = [...others.map((name): [string, string] => ['Mul', name]), ...steps];
  all.forEach(([op, operand]) => {
    const next = fresh(`${output}/step`);
    rebuilt.nodes.push(makeNode(op, [at, operand], [next]));
    at = next;
  });
  rebuilt.nodes.push(makeNode('Identity', [at], [output]));
}
