// Cost of a gradient: (forward + backward) / forward, in onnxruntime-node. After the build:
//   node bench/gradients.mjs [model.onnx | model.tflite …]

import { existsSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { isTflite, tfliteToOnnx } from '../dist/formats/tflite.js';
import { differentiate, inspectModel, ORIGINAL_WEIGHTS } from '../dist/onnx.js';

const RUNS = 15;
const BATCH = 1;
const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };

function filled(dims, value) {
  const sizes = dims.map((d) => (typeof d === 'number' ? d : BATCH));
  const size = sizes.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => value ?? Math.sin(i));
  return new ort.Tensor('float32', data, sizes);
}

/** Median milliseconds of a run. */
async function time(session, feeds) {
  const times = [];
  for (let i = 0; i < RUNS + 3; i++) {
    const start = performance.now();
    await session.run(feeds);
    times.push(performance.now() - start);
  }
  return times.slice(3).sort((a, b) => a - b)[RUNS >> 1];
}

async function measure(file) {
  const read = new Uint8Array(readFileSync(file));
  const bytes = isTflite(read) ? tfliteToOnnx(read).model : read;
  const { input, inputs, logits, classes } = inspectModel(bytes);
  const feeds = { [input]: filled(inputs.find((i) => i.name === input).dims) };
  const forward = await time(await ort.InferenceSession.create(bytes, options), feeds);
  const model = differentiate(bytes, { of: logits, withRespectTo: input });
  const session = await ort.InferenceSession.create(model, {
    ...options,
    externalData: [{ path: ORIGINAL_WEIGHTS, data: bytes }],
  });
  const both = await time(session, { ...feeds, [`${logits}/cotangent`]: filled([BATCH, classes], 1) });
  const ratio = (both / forward).toFixed(2);
  console.log(
    `${file}: forward ${forward.toFixed(1)} ms, with gradient ${both.toFixed(1)} ms, ratio ${ratio}`,
  );
}

const local = (path) => new URL(path, import.meta.url).pathname;
const known = [
  local('../test/golden/models/cnn.onnx'),
  local('../test/golden/models/tv.onnx'),
  local('../../shared/data/models/mobilenet_v2_1.0_224_quant.tflite'),
];
const given = process.argv.slice(2);
for (const file of given.length > 0 ? given : known) {
  if (existsSync(file)) await measure(file);
  else console.warn(`SKIPPED: ${file} is not here`);
}
