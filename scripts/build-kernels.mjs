// Makes src/math/kernels/kernels.generated.ts: the SIMD kernels of src/math/kernels/assembly, compiled by
// AssemblyScript to one WebAssembly module and inlined. By itself: node scripts/build-kernels.mjs
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'src/math/kernels');

/**
 * Writes the tiles, compiles the kernels and writes the module.
 *
 * @returns {Promise<{ bytes: number }>} size of the module.
 */
export async function buildKernels() {
  writeFileSync(join(folder, 'assembly/tiles.generated.ts'), tiles());
  const wasm = await compile();
  const at = memoryFlagsOffset(wasm);
  writeFileSync(
    join(folder, 'kernels.generated.ts'),
    `// Made by scripts/build-kernels.mjs from src/math/kernels/assembly.
/** The module, in base64; its memory is imported as env.memory, shared. */
export const kernelsBase64: string = '${Buffer.from(wasm).toString('base64')}';
/** Where the limits' flags of that import stand: 3 shared with a maximum, 1 not shared with a maximum. */
export const memoryFlagsOffset: number = ${at};
`,
  );
  return { bytes: wasm.length };
}

async function compile() {
  const out = mkdtempSync(join(tmpdir(), 'kernels-'));
  try {
    const file = join(out, 'kernels.wasm');
    const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--noExportMemory'];
    // sharing needs a maximum: all that 32 bits address
    const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];
    const features = ['--enable', 'simd', '--enable', 'threads'];
    const names = process.env.KERNEL_NAMES ? ['--debug'] : []; // for profiles
    const { error, stderr } = await asc.main([
      join(folder, 'assembly/index.ts'),
      ...['--outFile', file, ...options, ...memory, ...features, ...names],
    ]);
    if (error) throw new Error(`build-kernels: ${error.message}\n${stderr.toString()}`);
    return readFileSync(file);
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Offset of the flags of the one memory import, found by reading the import section (WebAssembly 2.0, 5.5.5). */
function memoryFlagsOffset(wasm) {
  let at = 8; // magic, version
  const leb = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  for (;;) {
    const section = wasm[at++];
    const size = leb();
    if (section === 2) break;
    at += size;
  }
  const count = leb();
  for (let k = 0; k < 2; k++) {
    const length = leb(); // not `at += leb()`, which would read `at` too early
    at += length;
  }
  if (count !== 1 || wasm[at++] !== 2 || wasm[at] !== 3) {
    throw new Error('build-kernels: expected a shared memory to be the only import');
  }
  return at;
}

/** Unrolled register tiles, which AssemblyScript has no macros for. */
function tiles() {
  const parts = ['// Made by scripts/build-kernels.mjs.\n'];
  for (let T = 1; T <= 4; T++) parts.push(dots(2, T), dots(1, T), outer(T));
  for (let V = 1; V <= 8; V++) parts.push(sparseDots(V), sparseOuter(V));
  return parts.join('\n');
}

/**
 * dotsRxT: F[t, i] += Σ_j a[i, j] · w[t, j] for R rows of A and T of W, j over one segment. Four lanes an
 * accumulator, always in the same order, so that a row's sums do not depend on the tile it falls in.
 * a, f: bytes; lda, ldf: bytes between rows; w: packed, four floats of each of T rows in turn.
 *
 * One step a turn: V8 moves all loads of a turn to its beginning, where two steps' would not fit in the 15 registers
 * (8 sums, 2 + 4 loads and a product do), and spills to memory cost half of the speed.
 */
function dots(R, T) {
  const rows = range(R);
  const cols = range(T);
  const step = [
    ...rows.map((i) => `    const a${i} = v128.load(p${i});`),
    ...cols.flatMap((t) => [
      `    const w${t} = v128.load(w, ${16 * t});`,
      ...rows.map((i) => `    s${i}${t} = f32x4.add(s${i}${t}, f32x4.mul(a${i}, w${t}));`),
    ]),
  ].join('\n');
  const stores = cols.flatMap((t) =>
    rows.map((i) => {
      const lane = (l) => `<f64>f32x4.extract_lane(s${i}${t}, ${l})`;
      const place = `f + <usize>${t} * ldf`;
      return `  store<f64>(${place}, load<f64>(${place}, ${8 * i}) + ((${lane(0)} + ${lane(2)}) + (${lane(1)} + ${lane(3)})), ${8 * i});`;
    }),
  );
  return `export function dots${R}x${T}(a: usize, lda: usize, w: usize, width: i32, f: usize, ldf: usize): void {
${rows.map((i) => `  let p${i} = a + <usize>${i} * lda;`).join('\n')}
  const end = a + (<usize>width << 2);
${rows.flatMap((i) => cols.map((t) => `  let s${i}${t} = f32x4.splat(0);`)).join('\n')}
  while (p0 != end) {
${step}
${rows.map((i) => `    p${i} += 16;`).join('\n')}
    w += ${16 * T};
  }
${stores.join('\n')}
}
`;
}

/**
 * outerT: M[t, j] += Σ_i u[t, i] · a[i, j] for T rows of M and 8 columns j, one row i a turn as in dotsRxT.
 * u: packed, T floats of each row in turn; the sums over i are in float32, added to M in float64.
 */
function outer(T) {
  const cols = range(T);
  const row = [
    '    const a0 = v128.load(a), a1 = v128.load(a, 16);',
    ...cols.flatMap((t) => [
      `    const u${t} = v128.load32_splat(u, ${4 * t});`,
      `    x${t} = f32x4.add(x${t}, f32x4.mul(a0, u${t}));`,
      `    y${t} = f32x4.add(y${t}, f32x4.mul(a1, u${t}));`,
    ]),
  ].join('\n');
  const high = (v) => `i8x16.shuffle(${v}, ${v}, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)`;
  const add = (v, at) =>
    `  v128.store(m, f64x2.add(v128.load(m, ${at}), f64x2.promote_low_f32x4(${v})), ${at});`;
  const stores = cols.map((t) =>
    [
      ...(t > 0 ? ['  m += ldm;'] : []),
      ...[add(`x${t}`, 0), add(high(`x${t}`), 16), add(`y${t}`, 32), add(high(`y${t}`), 48)],
    ].join('\n'),
  );
  return `export function outer${T}(a: usize, lda: usize, rows: i32, u: usize, m: usize, ldm: usize): void {
  const end = u + <usize>(rows * ${4 * T});
${cols.map((t) => `  let x${t} = f32x4.splat(0), y${t} = f32x4.splat(0);`).join('\n')}
  while (u != end) {
${row}
    a += lda;
    u += ${4 * T};
  }
${stores.join('\n')}
}
`;
}

/**
 * sparseDotsV: sums[t] = Σ_k value_k · w[column_k, t] for 4 V concepts t, the elements of a row of A without zeros.
 * Where the registers allow, even and odd elements have sums of their own: an addition need not wait for the last.
 */
function sparseDots(V) {
  const vectors = range(V);
  const copies = V <= 4 ? 2 : 1;
  const element = (k) => [
    `    const a${k} = v128.load32_splat(values, ${4 * k});`,
    `    const w${k} = w + <usize>load<u16>(columns, ${2 * k}) * ${16 * V};`,
    ...vectors.map(
      (t) => `    s${k}${t} = f32x4.add(s${k}${t}, f32x4.mul(a${k}, v128.load(w${k}, ${16 * t})));`,
    ),
  ];
  return `export function sparseDots${V}(values: usize, columns: usize, count: i32, w: usize, sums: usize): void {
${range(copies)
  .flatMap((k) => vectors.map((t) => `  let s${k}${t} = f32x4.splat(0);`))
  .join('\n')}
  const end = values + (<usize>${copies === 1 ? 'count' : '(count & ~1)'} << 2);
  while (values != end) {
${range(copies).flatMap(element).join('\n')}
    values += ${4 * copies};
    columns += ${2 * copies};
  }
${copies === 1 ? '' : `  if (count & 1) {\n${element(0).join('\n')}\n  }\n`}${vectors.map((t) => `  v128.store(sums, ${copies === 1 ? `s0${t}` : `f32x4.add(s0${t}, s1${t})`}, ${16 * t});`).join('\n')}
}
`;
}

/** sparseOuterV: to[column_k, t] += value_k · u[t] for 4 V concepts t, the elements of a row of A without zeros. */
function sparseOuter(V) {
  const vectors = range(V);
  return `export function sparseOuter${V}(values: usize, columns: usize, count: i32, u: usize, to: usize): void {
${vectors.map((t) => `  const u${t} = v128.load(u, ${16 * t});`).join('\n')}
  const end = values + (<usize>count << 2);
  while (values != end) {
    const a = v128.load32_splat(values);
    const at = to + <usize>load<u16>(columns) * ${16 * V};
${vectors.map((t) => `    v128.store(at, f32x4.add(v128.load(at, ${16 * t}), f32x4.mul(a, u${t})), ${16 * t});`).join('\n')}
    values += 4;
    columns += 2;
  }
}
`;
}

function range(n) {
  return Array.from({ length: n }, (_, k) => k);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes } = await buildKernels();
  console.error(`kernels: ${(bytes / 1000).toFixed(1)} kB`);
}
