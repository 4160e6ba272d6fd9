// A TFLite file as plain data: the tensors and operators of its first subgraph.
// Field numbers are those of tensorflow/lite/schema/schema.fbs.

import { sizeOf } from '../../tensor/tensor.ts';
import { malformed } from './fail.ts';
import { FlatTable } from './flat-table.ts';
import { ELEMENT_BYTES, operatorName, tensorTypeName } from './schema.ts';

/** real = (q − zeroPoint)·scale, one pair for the tensor or one for each index of dim `axis`. */
export interface Quantisation {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  /** Up to the first `;`: the converter joins the names of what it fused. */
  readonly name: string;
  readonly shape: readonly number[];
  /** A dim is −1 where the size is free; empty if none is. */
  readonly signature: readonly number[];
  readonly type: string;
  /** Little-endian elements, as many as `shape` says; null if the tensor is computed. */
  readonly data: Uint8Array | null;
  readonly quantisation: Quantisation | null;
  /** What makes the tensor unreadable here (sparse data, custom quantisation), or null. */
  readonly obstacle: string | null;
}

export interface TfliteOperator {
  /** Name of the builtin operator, or `CUSTOM name`. */
  readonly op: string;
  /** Tensor indices; −1 for an optional input that is absent. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTable;
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

// Offsets may point to the same table again and again, so that a small file could stand for millions
// of objects: these bounds are far above any real classifier.
const MAX_TENSORS = 50_000;
const MAX_OPERATORS = 50_000;
const MAX_BUFFERS = 100_000;
const MAX_OPERANDS = 1_000;
const MAX_OPERANDS_OF_ALL = 500_000;
const MAX_QUANTISED_AXIS = 1_000_000;
const MAX_SCALES_OF_ALL = 50_000_000;
const MAX_RANK = 8;
const MAX_NAME_BYTES = 400;

/** @throws {@link CraftError} `MODEL_FORMAT` if an offset, a count or an index does not fit the file. */
export function readTflite(bytes: Uint8Array): TfliteModel {
  const model = FlatTable.root(bytes);
  const version = model.uint32(0);
  if (version !== 3) throw malformed('schema version', '3', version);
  const codes = model.tables(1, MAX_OPERATORS).map(readCode);
  const buffers = model.tables(4, MAX_BUFFERS).map((table) => readBuffer(table, bytes));
  const [graph] = model.tables(2, MAX_OPERATORS);
  if (!graph) throw malformed('model', 'a subgraph', 'none');

  const budget = { scales: MAX_SCALES_OF_ALL, operands: MAX_OPERANDS_OF_ALL };
  const tensors = graph
    .tables(0, MAX_TENSORS)
    .map((table, index) => readTensor(table, index, buffers, budget));
  const operators = graph
    .tables(3, MAX_OPERATORS)
    .map((table) => readOperator(table, codes, tensors.length, budget));
  return {
    tensors,
    operators,
    inputs: readIndices(graph, 1, tensors.length, false, 'model inputs'),
    outputs: readIndices(graph, 2, tensors.length, false, 'model outputs'),
  };
}

function readCode(table: FlatTable): string {
  // The older field is one byte: numbers above 127 stand in the newer one only.
  const code = Math.max(table.int8(0), table.int32(3));
  const name = operatorName(code);
  return name === 'CUSTOM' ? `CUSTOM ${cleanName(table.text(1, MAX_NAME_BYTES))}` : name;
}

function readBuffer(table: FlatTable, bytes: Uint8Array): Uint8Array {
  const offset = table.uint64(1);
  if (offset <= 1n) return table.bytes(0);
  const size = table.uint64(2); // a large model: the data stands behind the tables
  if (offset + size > BigInt(bytes.length)) {
    throw malformed('buffer', `bytes inside the ${bytes.length} of the file`, `${size} at ${offset}`);
  }
  return bytes.subarray(Number(offset), Number(offset + size));
}

function readTensor(
  table: FlatTable,
  index: number,
  buffers: readonly Uint8Array[],
  budget: { scales: number },
): TfliteTensor {
  const shape = table.ints(0, MAX_RANK);
  const type = tensorTypeName(table.int8(1));
  const name = cleanName(table.text(3, MAX_NAME_BYTES).split(';')[0]) || `tensor_${index}`;
  const where = `tensor "${name}"`;
  if (shape.some((d) => d < 0) || !Number.isSafeInteger(sizeOf(shape))) {
    throw malformed(where, 'a shape of dims ≥ 0', `[${shape}]`);
  }

  const bufferIndex = table.uint32(2);
  if (bufferIndex > 0 && bufferIndex >= buffers.length) {
    throw malformed(where, `a buffer below ${buffers.length}`, bufferIndex);
  }
  const stored = bufferIndex === 0 ? undefined : buffers[bufferIndex];
  const data = stored && stored.length > 0 ? stored : null;
  const sparse = table.has(6);
  const expected = sizeOf(shape) * (ELEMENT_BYTES[type] ?? 0);
  if (data && !sparse && ELEMENT_BYTES[type] !== undefined && data.length !== expected) {
    throw malformed(where, `${expected} bytes of ${type} [${shape}]`, data.length);
  }

  const parameters = table.table(4);
  const custom = parameters.uint8(4) !== 0;
  return {
    name,
    shape,
    signature: table.ints(7, MAX_RANK),
    type,
    data,
    quantisation: custom ? null : readQuantisation(parameters, shape, where, budget),
    obstacle: sparse ? 'sparse data' : custom ? 'custom quantisation' : null,
  };
}

function readQuantisation(
  table: FlatTable,
  shape: readonly number[],
  where: string,
  budget: { scales: number },
): Quantisation | null {
  const scale = table.floats(2, MAX_QUANTISED_AXIS);
  if (scale.length === 0) return null;
  budget.scales -= scale.length;
  if (budget.scales < 0) throw malformed(where, `at most ${MAX_SCALES_OF_ALL} scales in a file`, 'more');
  const given = table.longs(3, MAX_QUANTISED_AXIS);
  const zeroPoint = given.length > 0 ? given : new Array<number>(scale.length).fill(0);
  const axis = table.int32(6);
  const perChannel = scale.length > 1;
  if (zeroPoint.length !== scale.length || (perChannel && shape[axis] !== scale.length)) {
    throw malformed(where, `one scale and zero point, or one for each index of dim ${axis}`, scale.length);
  }
  if (!scale.every((s) => Number.isFinite(s) && s >= 0) || !zeroPoint.every((z) => Math.abs(z) <= 2 ** 31)) {
    throw malformed(where, 'finite scales ≥ 0 and 32-bit zero points', `${scale[0]}, ${zeroPoint[0]}`);
  }
  return { scale, zeroPoint, axis: perChannel ? axis : 0 };
}

function readOperator(
  table: FlatTable,
  codes: readonly string[],
  tensors: number,
  budget: { operands: number },
): TfliteOperator {
  const index = table.uint32(0);
  if (index >= codes.length) throw malformed('operator', `a code below ${codes.length}`, index);
  const op = codes[index];
  const inputs = readIndices(table, 1, tensors, true, op);
  const outputs = readIndices(table, 2, tensors, false, op);
  budget.operands -= inputs.length + outputs.length;
  if (budget.operands < 0) throw malformed('model', `at most ${MAX_OPERANDS_OF_ALL} operands`, 'more');
  return { op, inputs, outputs, options: table.table(4) };
}

function readIndices(
  table: FlatTable,
  field: number,
  tensors: number,
  optional: boolean,
  where: string,
): number[] {
  const indices = table.ints(field, MAX_OPERANDS);
  const bad = indices.find((i) => i >= tensors || i < (optional ? -1 : 0));
  if (bad !== undefined) throw malformed(where, `tensor indices below ${tensors}`, bad);
  return indices;
}

/** Names are printed: no control character reaches a terminal. */
function cleanName(name: string): string {
  return name.replace(/\p{Cc}/gu, '_');
}
