// The safetensors format: a little-endian u64 header length, a JSON header, then the raw tensors.
//
// The header names each tensor's dtype, shape and [begin, end) in the data; the data has no gap and no
// overlap. Typed arrays are little-endian on every platform that JavaScript runs on in practice.
//
// Format: https://huggingface.co/docs/safetensors (metadata_parsing).

import { CraftError } from '../errors.ts';
import { checkTensor, type NumericArray, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { duplicateKey } from './json-keys.ts';

/** What a safetensors file holds. Both records have no prototype: any name is a plain key. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
}

const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;
type Dtype = keyof typeof arrays;

const LENGTH_BYTES = 8;
/** As in the reference implementation: a header never needs more, a damaged length often says more. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';
const MAX_DIMS = 32;

/**
 * Writes tensors as a safetensors file: the same tensors in the same order give the same bytes.
 *
 * The header keeps the order of the keys; the data goes by falling element size, so that every tensor
 * starts at a multiple of it. A `Uint8ClampedArray` is written as U8.
 *
 * @param tensors - name to tensor; a name is any non-empty text but `__metadata__` and `__proto__`.
 * @param metadata - free text by name.
 * @throws {@link CraftError} `SHAPE` if a tensor's dims do not fit its data, `VALUE` for a name or a
 *   metadata value that the format cannot hold.
 */
export function writeSafetensors(
  tensors: Record<string, Tensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const entries = Object.entries(tensors);
  for (const [name, t] of entries) {
    checkName(name, 'VALUE');
    checkTensor(t, `writeSafetensors, tensor "${name}"`);
  }
  checkMetadata(metadata, 'VALUE');

  const placed = [...entries].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const begins = new Map<string, number>();
  let dataBytes = 0;
  for (const [name, t] of placed) {
    begins.set(name, dataBytes);
    dataBytes += t.data.byteLength;
  }

  const fields: [string, unknown][] = entries.map(([name, { data, dims }]) => {
    const begin = begins.get(name)!;
    return [name, { dtype: dtypeOf(data), shape: dims, data_offsets: [begin, begin + data.byteLength] }];
  });
  if (Object.keys(metadata).length > 0) fields.unshift([METADATA, metadata]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)));
  const headerBytes = Math.ceil(json.length / 8) * 8;

  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + json.length, LENGTH_BYTES + headerBytes);
  for (const [name, { data }] of placed) {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    bytes.set(raw, LENGTH_BYTES + headerBytes + begins.get(name)!);
  }
  return bytes;
}

/**
 * Reads a safetensors file. The tensors are copies: they do not keep `bytes` alive.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if the bytes are not a safetensors file, or hold a dtype other
 *   than F64, F32, I32, U32, I16, U16, I8, U8.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, data } = splitHeader(bytes);
  const tensors: Record<string, Tensor> = Object.create(null);
  const spans: [number, number][] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) continue;
    checkName(name, 'FILE_FORMAT');
    const { dtype, shape, begin, end } = readEntry(name, entry, data.length);
    spans.push([begin, end]);
    tensors[name] = { data: new arrays[dtype](data.slice(begin, end).buffer), dims: shape };
  }
  checkCover(spans, data.length);
  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : {};
  checkMetadata(metadata, 'FILE_FORMAT');
  return { tensors, metadata: Object.assign(Object.create(null), metadata) };
}

function splitHeader(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < LENGTH_BYTES) throw damaged(`at least ${LENGTH_BYTES} bytes`, `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  const room = Math.min(bytes.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (length > BigInt(room)) throw damaged(`a header of at most ${room} bytes`, `a length of ${length}`);
  const start = LENGTH_BYTES + Number(length);

  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, start));
    header = JSON.parse(text);
  } catch (cause) {
    throw damaged('a JSON header', 'text that cannot be parsed', cause);
  }
  if (!isRecord(header)) throw damaged('a JSON object as header', typeof header);
  const twice = duplicateKey(text);
  if (twice !== null) throw damaged('every name once', `"${twice}" twice`);
  // a plain Uint8Array: slice() of Node's Buffer would not copy
  return { header, data: new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start) };
}

function readEntry(name: string, entry: unknown, dataBytes: number) {
  const where = `tensor "${name}"`;
  if (!isRecord(entry)) throw damaged(`${where} as an object`, typeof entry);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(arrays, dtype)) {
    throw damaged(`${where} of dtype ${Object.keys(arrays).join(', ')}`, String(dtype).slice(0, 20));
  }
  if (!isCounts(shape) || shape.length > MAX_DIMS) throw damaged(`${where} with a shape`, show(shape));
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
    throw damaged(`${where} with offsets inside the ${dataBytes} bytes of data`, show(offsets));
  }
  const [begin, end] = offsets;
  const expected = sizeOf(shape) * arrays[dtype as Dtype].BYTES_PER_ELEMENT;
  if (expected !== end - begin) {
    throw damaged(`${where} [${shape}] with ${expected} bytes`, `${end - begin}`);
  }
  return { dtype: dtype as Dtype, shape, begin, end };
}

/** Throws unless the spans tile [0, size): a byte in no tensor, or in two, could hide something. */
function checkCover(spans: [number, number][], size: number): void {
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let at = 0;
  for (const [begin, end] of spans) {
    if (begin !== at) throw damaged('tensors without gap or overlap', `one at ${begin} after byte ${at}`);
    at = end;
  }
  if (at !== size) throw damaged(`tensors up to byte ${size} of the data`, `the last one ending at ${at}`);
}

function checkName(name: string, code: 'VALUE' | 'FILE_FORMAT'): void {
  if (name === '' || name === METADATA || name === '__proto__' || /\p{Surrogate}/u.test(name)) {
    throw new CraftError(
      code,
      `safetensors: expected a tensor name of well-formed text, not empty, not __metadata__ or __proto__; got ${show(name)}`,
    );
  }
}

function checkMetadata(
  value: unknown,
  code: 'VALUE' | 'FILE_FORMAT',
): asserts value is Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : null;
  const bad = entries?.find(([key, text]) => key === '__proto__' || typeof text !== 'string');
  if (!entries || bad) {
    const got = bad ? `"${bad[0]}": ${typeof bad[1]}` : show(value);
    throw new CraftError(code, `safetensors: expected metadata of texts by name, not __proto__; got ${got}`);
  }
}

function dtypeOf(data: NumericArray): Dtype {
  const found = (Object.keys(arrays) as Dtype[]).find((dtype) => data instanceof arrays[dtype]);
  return found ?? 'U8'; // Uint8ClampedArray
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}

function damaged(expected: string, got: string, cause?: unknown): CraftError {
  return new CraftError(
    'FILE_FORMAT',
    `readSafetensors: expected ${expected}; got ${got}. The file is damaged or not safetensors: write it again`,
    { cause },
  );
}
