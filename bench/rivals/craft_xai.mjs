// craft-xai's nmf or nnls on a raw float32 matrix, timing itself; one JSON line a repetition.
//
//   node bench/rivals/craft_xai.mjs fit|transform A.f32 n p r W.f32 threads repetitions

const start = process.cpuUsage(); // before the library is loaded: the first repetition pays for it
const wallStart = performance.now();
const { readFileSync } = await import('node:fs');
const [mode, file, n, p, r, bank, threads, repetitions] = process.argv.slice(2);
const read = (path, rows, columns) => {
  const bytes = readFileSync(path);
  return { data: new Float32Array(bytes.buffer, bytes.byteOffset, rows * columns), dims: [rows, columns] };
};
const beforeRead = process.cpuUsage();
const wallBeforeRead = performance.now();
const A = read(file, Number(n), Number(p));
const W = mode === 'transform' ? read(bank, Number(r), Number(p)) : null;
const reading = process.cpuUsage(beforeRead);
const wallReading = performance.now() - wallBeforeRead;
const { nmf, nnls } = await import('craft-xai');
const seconds = ({ user, system }) => (user + system) / 1e6;

const lines = [];
let first;
for (let k = 0; k < Number(repetitions); k++) {
  const cpu = k === 0 ? start : process.cpuUsage();
  const wall = k === 0 ? wallStart + wallReading : performance.now();
  const options = { rank: Number(r), threads: Number(threads) };
  const fit = mode === 'fit' ? await nmf(A, options) : { U: await nnls(A, W, options), W };
  first ??= fit;
  lines.push({
    cpu: seconds(process.cpuUsage(cpu)) - (k === 0 ? seconds(reading) : 0),
    wall: (performance.now() - wall) / 1000,
    iterations: fit.iterations ?? 0,
    converged: fit.converged ?? true,
  });
}
const loss = lossOf(A, first.U, first.W); // the same in every repetition
for (const line of lines) console.log(JSON.stringify({ ...line, loss }));

/** ½‖A − U W‖² in float64. */
function lossOf(A, U, W) {
  const [rows, columns] = A.dims;
  const concepts = W.dims[0];
  let total = 0;
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) row[j] = A.data[i * columns + j];
    for (let t = 0; t < concepts; t++) {
      const u = U.data[i * concepts + t];
      if (u !== 0) for (let j = 0; j < columns; j++) row[j] -= u * W.data[t * columns + j];
    }
    for (let j = 0; j < columns; j++) total += row[j] * row[j];
  }
  return total / 2;
}
