// Shapes of all tensors of a graph at one pin of the free dims of its inputs.

import { graphOf } from '../attributes.ts';
import { isStandard } from '../graph.ts';
import type { FunctionProto, GraphProto, ModelProto, NodeProto, ValueInfoProto } from '../proto/onnx_pb.ts';
import { dimsOf, MAX_RANK, valuesOf } from '../tensor-values.ts';
import { contribRules } from './contrib-rules.ts';
import { foldRules, shapeValues } from './fold.ts';
import { bindAttributes, functionsOf } from './functions.ts';
import { type ShapeRule, shapeRules } from './rules.ts';
import { constantValue } from './shape-ops.ts';
import { outputType } from './types.ts';
import { Call, type Dims, MAX_VALUES, type PerOutput, product, UNKNOWN, type Value } from './value.ts';

/** Nodes of functions and branches that one propagation evaluates at most: a file may nest them. */
const MAX_NESTED_CALLS = 100_000;

/** Functions in functions, branches in branches: real models nest a few. */
const MAX_DEPTH = 32;

/** Numbers for the free dims: by dim_param, or by `input:axis` for those without a name. */
export type Pins = ReadonlyMap<string, number>;

interface Run {
  readonly opset: number;
  readonly functions: ReadonlyMap<string, FunctionProto>;
  readonly pins: Pins;
  callsLeft: number;
  /** Of functions and branches around the node. */
  depth: number;
}

/** Infers type and dims of every tensor of the main graph. Never throws on an op that it does not know. */
export function propagate(model: ModelProto, opset: number, pins: Pins): Map<string, Value> {
  const callsLeft = model.graph!.node.length + MAX_NESTED_CALLS;
  const run: Run = { opset, functions: functionsOf(model), pins, callsLeft, depth: 0 };
  const known = new Map<string, Value>();
  for (const input of model.graph!.input) known.set(input.name, declared(input, pins));
  evaluateGraph(run, model.graph!, known);
  return known;
}

/** Type and dims that a ValueInfoProto states, with pins for names. */
export function declared(info: ValueInfoProto, pins: Pins): Value {
  if (info.type?.value.case !== 'tensorType') return UNKNOWN;
  const { elemType, shape } = info.type.value.value;
  if (!shape || shape.dim.length > MAX_RANK) return { type: elemType, dims: null, values: null };
  const dims = shape.dim.map(({ value }, axis) => {
    if (value.case === 'dimValue' && value.value > 0n) return Number(value.value);
    return pins.get(freeDimName(info.name, axis, value.case === 'dimParam' ? value.value : '')) ?? Number.NaN;
  });
  return { type: elemType, dims: checked(dims), values: null };
}

/** The name of a free dim among the pins. */
export function freeDimName(tensor: string, axis: number, param: string): string {
  return param || `${tensor}:${axis}`;
}

function evaluateGraph(run: Run, graph: GraphProto, known: Map<string, Value>): void {
  for (const t of graph.initializer) {
    known.set(t.name, { type: t.dataType, dims: dimsOf(t), values: valuesOf(t, MAX_VALUES) });
  }
  const stated = new Map<string, ValueInfoProto>();
  for (const info of [...graph.valueInfo, ...graph.output]) stated.set(info.name, info);
  evaluateNodes(run, graph.node, known, stated);
}

function evaluateNodes(
  run: Run,
  nodes: readonly NodeProto[],
  known: Map<string, Value>,
  stated: ReadonlyMap<string, ValueInfoProto>,
): void {
  for (const node of nodes) {
    if (--run.callsLeft < 0) return;
    const inputs = node.input.map((name) => (name === '' ? undefined : (known.get(name) ?? UNKNOWN)));
    const outputs = evaluate(run, new Call(node, run.opset, inputs), known);
    node.output.forEach((name, i) => {
      if (name === '') return;
      let value = outputs[i] ?? UNKNOWN;
      const info = stated.get(name);
      if (info && (value.dims === null || value.type === 0)) {
        const said = declared(info, run.pins);
        value = { type: value.type || said.type, dims: value.dims ?? said.dims, values: value.values };
      }
      known.set(name, value);
    });
  }
}

function evaluate(run: Run, c: Call, known: ReadonlyMap<string, Value>): readonly Value[] {
  const fn = run.functions.get(`${c.node.domain}:${c.node.opType}:${c.node.overload}`);
  if (fn) return nested(run, () => evaluateFunction(run, fn, c));
  if (!isStandard(c.node)) return c.node.domain === 'com.microsoft' ? infer(contribRules, c) : [];
  if (c.node.opType === 'Constant') return [constantValue(c)];
  if (c.node.opType === 'If') return nested(run, () => evaluateIf(run, c, known));

  return infer(shapeRules, c);
}

function infer(rules: ReadonlyMap<string, ShapeRule>, c: Call): readonly Value[] {
  const rule = rules.get(c.node.opType);
  if (!rule) return [];
  const result = rule(c);
  const perOutput = listOf(result);
  const dims = c.node.output.map((_, i) => checked(perOutput[i] ?? null));
  const values = fold(c, dims);
  return dims.map((d, i) => ({
    type: outputType(c, i),
    dims: d,
    values: d && values[i]?.length === product(d) ? values[i] : null,
  }));
}

function nested(run: Run, body: () => readonly Value[]): readonly Value[] {
  if (run.depth >= MAX_DEPTH) return [];
  run.depth++;
  const values = body();
  run.depth--;
  return values;
}

function fold(c: Call, dims: readonly (Dims | null)[]): readonly (readonly number[] | null)[] {
  if (!isStandard(c.node)) return [];
  const ofShape = shapeValues(c);
  if (ofShape) return [ofShape];
  const rule = foldRules.get(c.node.opType);
  const small = dims.every((d) => d !== null && product(d) <= MAX_VALUES);
  if (!rule || !small || !c.inputs.every((x, i) => x === undefined || (x.dims && c.values(i)))) return [];
  return listOf(rule(c, dims[0]!));
}

function evaluateIf(run: Run, c: Call, known: ReadonlyMap<string, Value>): readonly Value[] {
  const condition = c.values(0)?.[0];
  const outcomes: Value[][] = [];
  for (const [name, taken] of [
    ['then_branch', 1],
    ['else_branch', 0],
  ] as const) {
    const branch = graphOf(c.node, name);
    if (!branch || (condition !== undefined && Boolean(condition) !== Boolean(taken))) continue;
    const scope = new Map(known);
    // a scope is a copy of all that is known: charge for it
    run.callsLeft -= known.size;
    evaluateGraph(run, branch, scope);
    outcomes.push(branch.output.map((o) => scope.get(o.name) ?? UNKNOWN));
  }
  const [first = [], second = first] = outcomes;
  return first.map((value, i) => ({
    type: value.type,
    dims: String(value.dims) === String(second[i]?.dims) ? value.dims : null,
    values: first === second ? value.values : null,
  }));
}

function evaluateFunction(run: Run, fn: FunctionProto, c: Call): readonly Value[] {
  const known = new Map<string, Value>();
  fn.input.forEach((name, i) => {
    known.set(name, c.inputs[i] ?? UNKNOWN);
  });
  const own = fn.opsetImport.find((o) => o.domain === '' || o.domain === 'ai.onnx');
  const inner: Run = { ...run, opset: own ? Number(own.version) : run.opset };
  const nodes = bindAttributes(fn, c.node);
  evaluateNodes(inner, nodes, known, new Map());
  run.callsLeft = inner.callsLeft;
  return fn.output.map((name) => known.get(name) ?? UNKNOWN);
}

/** Dims if they are whole numbers ≥ 0 of a usable rank, else null: rules may pass on what a file claims. */
function checked(dims: Dims | null): Dims | null {
  if (!dims || dims.length > MAX_RANK) return null;
  return dims.every((d) => Number.isSafeInteger(d) && d >= 0) ? dims : null;
}

/** What a rule says of each output: a bare result is of the first. */
function listOf<T>(result: T | PerOutput<T> | null): readonly (T | null)[] {
  return result !== null && typeof result === 'object' && 'outputs' in result ? result.outputs : [result];
}
