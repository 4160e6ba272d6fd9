// Attribution maps of photographs by every method: how they look, what they score, how long they take.
//
//   npm run build && node bench/maps.mjs OUT [--images N] [--fit N]
//
// For the classes Granny Smith and banana of a MobileNetV2: ten concepts of 40 photographs (--fit), then maps of the most
// important one and of the class on the three photographs (--images) that say the class loudest. Prints deletion and
// insertion areas beside those of chance (a smooth random map), μFidelity, seconds a map, and what integrated gradients miss
// of their sum at most (gap); writes OUT/<class>.png, a row for each
// photograph and what is mapped, a column for each method: red for, blue against, the strongest fiftieth of each map full.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { Craft, evaluate, explain, MAP_METHODS, parseRequest } from '../dist/index.js';
import { loadClassifier, openImageFolder, readLabels } from '../dist/node.js';
import { machine, table } from './measure.mjs';

const data = new URL('../../shared/data/', import.meta.url).pathname;
const model = join(data, 'models/mobilenet_v2_1.0_224_quant.tflite');
const classes = ['granny-smith', 'banana'].map((folder) => ({ folder, label: folder.replace('-', ' ') }));
const HEAD = ['method', 'of', 'deletion ↓', 'insertion ↑', 'μFidelity ↑', 'images', 'seconds a map', 'gap'];
const TILE = 168;
const GAP = 4;
/** Maps are drawn in cells of so many pixels, of which single ones cannot be seen. */
const CELL = 4;
/** Drawn in full is what is above so much of a map. */
const FULL = 0.98;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { images: { type: 'string', default: '3' }, fit: { type: 'string', default: '40' } },
});
const [out] = positionals;

if (!existsSync(model)) console.error(`SKIPPED: no ${model}`);
else if (!out) console.error('SKIPPED: no folder for the pictures: node bench/maps.mjs OUT');
else await main();

async function main() {
  mkdirSync(out, { recursive: true });
  const labels = await readLabels(join(data, 'models/imagenet_labels.txt'));
  const classifier = await loadClassifier(model, { labels });
  console.log(`${machine()}; layer ${classifier.layer.tensor}`);
  for (const each of classes) await mapClass(classifier, each);
  await classifier.release();
}

async function mapClass(classifier, { folder, label }) {
  const photographs = await openImageFolder(join(data, 'grocery', folder), {
    preprocess: classifier.preprocess,
    limit: Number(values.fit),
  });
  const source = Object.assign(photographs, { source: folder });
  const request = parseRequest({ class: label, concepts: 10 });
  const result = await explain(request, { classifier, source, limit: Number(values.fit) });
  const options = { images: Number(values.images), concepts: 1 };
  const found = await evaluate(result, { classifier, source }, options);
  const { value } = result.explanation.concepts[0].importance;
  console.log(`\n${label}: concept of importance ${value.toFixed(2)}, and the class\n`);
  console.log(table([HEAD, ...found.maps.map(row)]));
  for (const { method, reason } of found.skipped) console.log(`${method}: ${reason}`);
  await writeSheet(join(out, `${folder}.png`), await mapsOf(classifier, source, result, found.images));
}

function row({ method, of, deletion, insertion, muFidelity, seconds, gap }) {
  const mean = (interval) => interval?.mean.toFixed(2) ?? '–';
  return [
    method,
    of,
    mean(deletion),
    mean(insertion),
    mean(muFidelity),
    deletion?.count ?? 0,
    seconds.toFixed(2),
    gap === undefined ? '' : `${(100 * gap).toFixed(0)} %`,
  ];
}

/** Photographs [H, W, 3] of 0 … 255 with their maps, by method and what is mapped. */
async function mapsOf(classifier, source, { explanation, matrices }, chosen) {
  const craft = new Craft({ ...classifier, numberOfConcepts: explanation.settings.numberOfConcepts });
  craft.useConcepts(matrices.W);
  const batch = await photographsOf(source, chosen);
  const [N, , H, W] = batch.dims;
  const maps = new Map();
  for (const method of MAP_METHODS) {
    const ofConcept = await craft.attributionMaps(batch, { method, concepts: [0] });
    const ofClass =
      method === 'latent'
        ? null
        : await craft.attributionMaps(batch, { method, classId: explanation.class.id });
    maps.set(method, [ofConcept, ofClass]);
  }
  return { batch, maps, count: N, height: H, width: W };
}

async function photographsOf(source, chosen) {
  const found = new Map();
  let first = 0;
  let dims = [];
  for await (const { data, dims: own } of source) {
    dims = own;
    const size = data.length / own[0];
    for (const n of chosen) {
      if (n >= first && n < first + own[0])
        found.set(n, data.slice((n - first) * size, (n - first + 1) * size));
    }
    first += own[0];
  }
  const size = dims.slice(1).reduce((a, b) => a * b, 1);
  const all = new Float32Array(chosen.length * size);
  for (const [k, n] of chosen.entries()) all.set(found.get(n), k * size);
  return { data: all, dims: [chosen.length, ...dims.slice(1)] };
}

async function writeSheet(path, { batch, maps, count, height, width }) {
  const area = height * width;
  const tiles = [];
  const put = async (pixels, column, line) => {
    const input = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .resize(TILE, TILE)
      .png()
      .toBuffer();
    tiles.push({ input, left: column * (TILE + GAP), top: line * (TILE + GAP) });
  };
  for (let n = 0; n < count; n++) {
    const photograph = pixelsOf(batch.data.subarray(n * 3 * area, (n + 1) * 3 * area), area);
    for (const k of [0, 1]) {
      await put(photograph, 0, 2 * n + k);
      for (const [i, [method, of]] of [...maps].entries()) {
        if (!of[k]) continue;
        const map = of[k].data.subarray(n * area, (n + 1) * area);
        await put(coloured(photograph, method === 'rise' ? aboveLeast(map) : map, width), i + 1, 2 * n + k);
      }
    }
  }
  const size = (tilesInAll) => tilesInAll * (TILE + GAP) - GAP;
  const sheet = { width: size(maps.size + 1), height: size(2 * count), channels: 3, background: '#fff' };
  await sharp({ create: sheet }).composite(tiles).png().toFile(path);
  console.log(`\n${path}: photograph, ${[...maps.keys()].join(', ')}; of the concept, then of the class`);
}

/** Planes of values of one range to pixels of 0 … 255. */
function pixelsOf(planes, area) {
  const low = planes.reduce((a, b) => Math.min(a, b));
  const high = planes.reduce((a, b) => Math.max(a, b));
  return Uint8Array.from({ length: 3 * area }, (_, i) => {
    const value = planes[(i % 3) * area + Math.floor(i / 3)];
    return (255 * (value - low)) / (high - low || 1);
  });
}

/** The map over the photograph in grey. */
function coloured(photograph, map, width) {
  const cells = inCells(map, width);
  const sizes = cells.map(Math.abs).sort();
  const most = sizes[Math.floor(FULL * (sizes.length - 1))] || 1;
  return Uint8Array.from(photograph, (_, i) => {
    const at = i - (i % 3);
    const grey = (photograph[at] + photograph[at + 1] + photograph[at + 2]) / 3;
    const strength = cells[at / 3] / most;
    const colour = strength > 0 ? [230, 30, 20] : [20, 60, 230];
    const share = Math.min(1, Math.abs(strength));
    return (1 - share) * (60 + 0.6 * grey) + share * colour[i % 3];
  });
}

/** Every pixel with the mean of its cell. */
function inCells(map, width) {
  const across = Math.ceil(width / CELL);
  const cellOf = (k) => Math.floor(Math.floor(k / width) / CELL) * across + Math.floor((k % width) / CELL);
  const count = cellOf(map.length - 1) + 1;
  const [sums, pixels] = [new Float64Array(count), new Float64Array(count)];
  map.forEach((value, k) => {
    sums[cellOf(k)] += value;
    pixels[cellOf(k)]++;
  });
  return Float64Array.from(map, (_, k) => sums[cellOf(k)] / pixels[cellOf(k)]);
}

/** Of rise above the least value, which is no evidence: a map of it is a mean of scores. */
function aboveLeast(map) {
  const least = map.reduce((a, b) => Math.min(a, b));
  return map.map((value) => value - least);
}
