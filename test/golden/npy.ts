// Reader of NumPy's .npy and .npz files, for the golden vectors.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (versions 1 to 3),
// an .npz being a zip of .npy members, stored or deflated.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { type NumericArray, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';

/** Path of a file below test/golden, as `goldenPath('qmc/halton_unscrambled.npy')`. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Reads one array. int64 becomes Float64Array and must be exact there; bool becomes Uint8Array of 0 and 1. */
export function readNpy(path: string): Tensor {
  return parseNpy(readFileSync(path), path);
}

/** Reads every array of an .npz: member name without `.npy` to array. */
export function readNpz(path: string): Record<string, Tensor> {
  const zip = readFileSync(path);
  const arrays: Record<string, Tensor> = {};
  for (const member of zipMembers(zip, path)) {
    const name = member.name.replace(/\.npy$/, '');
    arrays[name] = parseNpy(member.bytes, `${path}:${name}`);
  }
  return arrays;
}

/** The one number of a 0-dimensional array. */
export function scalar(t: Tensor): number {
  if (t.data.length !== 1) throw new Error(`scalar: expected one element; got dims [${t.dims}]`);
  return t.data[0];
}

/** The same array in float64. */
export function float64(t: Tensor): Tensor<Float64Array> {
  return { data: Float64Array.from(t.data), dims: t.dims };
}

const readers: Record<string, (buffer: ArrayBuffer) => NumericArray> = {
  '<f4': (b) => new Float32Array(b),
  '<f8': (b) => new Float64Array(b),
  '|u1': (b) => new Uint8Array(b),
  '|b1': (b) => new Uint8Array(b),
  '|i1': (b) => new Int8Array(b),
  '<i4': (b) => new Int32Array(b),
  '<u4': (b) => new Uint32Array(b),
  '<i8': (b) => Float64Array.from(new BigInt64Array(b), exactNumber),
};

function parseNpy(bytes: Buffer, where: string): Tensor {
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error(`${where}: not an .npy file`);
  const headerStart = bytes[6] === 1 ? 10 : 12;
  const headerLength = bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const start = headerStart + headerLength;
  const header = bytes.toString('latin1', headerStart, start);
  const descr = /'descr': *'([^']+)'/.exec(header)?.[1] ?? '';
  const shape = /'shape': *\(([^)]*)\)/.exec(header)?.[1];
  const read = readers[descr];
  if (!read || shape === undefined || /'fortran_order': *True/.test(header)) {
    throw new Error(`${where}: expected a C-ordered array of ${Object.keys(readers)}; got ${header.trim()}`);
  }
  const dims = shape
    .split(',')
    .filter((d) => d.trim())
    .map(Number);
  const data = read(Uint8Array.from(bytes.subarray(start)).buffer); // copied: members are not aligned
  if (data.length !== sizeOf(dims)) throw new Error(`${where}: dims [${dims}] with ${data.length} elements`);
  return { data, dims };
}

function exactNumber(v: bigint): number {
  const n = Number(v);
  if (!Number.isSafeInteger(n)) throw new Error(`${v} is not exact in float64`);
  return n;
}

function* zipMembers(zip: Buffer, where: string): Generator<{ name: string; bytes: Buffer }> {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error(`${where}: not a zip file`);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const raw = zip.subarray(start, start + size);
    if (method !== 0 && method !== 8) throw new Error(`${where}: zip method ${method}`);
    yield {
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      bytes: method === 8 ? inflateRawSync(raw) : raw,
    };
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

/** Parses a .json file. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
