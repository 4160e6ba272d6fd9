// Gradients of networks in their full size against torch: how far both are from float64, and what they cost.
// After the build, with Debian's python3-torch and python3-torchvision:
//   node bench/gradients.mjs [--batch N] [--smooth | --kinks] [NAME …]
// --smooth: without kinks. --kinks: no times, but how far ours is from float64 once units that are closest to a kink are
// on the side there that rounding put them on here.
// Times are milliseconds of CPU, one thread, medians of interleaved rounds; ratio = (forward + backward) / forward, the
// median of the ratios of the rounds, since what else runs on the machine slows both runs of a round. The session is
// created and its memory seen in processes of their own, one that runs forward only and one that runs both: milliseconds
// of CPU to create it, and the most that the process had resident (VmHWM, Node and the file of the model included).

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { cutModel, differentiate, inspectModel, ORIGINAL_WEIGHTS } from '../dist/onnx.js';

/** Rounds: the most, and the fewest where they take long. */
const ROUNDS = 21;
const MIN_ROUNDS = 7;
const MAX_SECONDS = 30;
const WARM_UP = 2;
const NAMES = [
  'resnet18',
  'resnet50',
  'mobilenet_v2',
  'mobilenet_v3',
  'efficientnet_b0',
  'convnext_tiny',
].concat(['vit_b_16', 'swin_t', 'dinov2', 'bert']);
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'string', default: '1' },
    smooth: { type: 'boolean', default: false },
    kinks: { type: 'boolean', default: false },
    alone: { type: 'string' }, // folder of what one session is given: the child process
  },
});
const batch = Number(values.batch);

/** The rival, which answers each line that it is told. */
function rival(name, out) {
  const script = new URL('rivals/torch_gradient.py', import.meta.url).pathname;
  const args = ['-W', 'ignore', script, name, '--batch', String(batch), '--out', out];
  if (values.smooth) args.push('--smooth');
  const child = spawn('/usr/bin/python3', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value);
  return {
    ready: answer,
    ask(command) {
      child.stdin.write(`${command}\n`);
      return answer();
    },
    end: () => child.stdin.end(),
  };
}

/** CPU milliseconds of a run. */
async function cost(session, feeds) {
  const start = process.cpuUsage();
  await session.run(feeds);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

const opened = (bytes, externalData) =>
  ort.InferenceSession.create(bytes, { ...sessionOptions, externalData });

const RUNS_ALONE = 3;

/** One session in a process of its own. */
function seenAlone(out, model, weights, feeds) {
  writeFileSync(join(out, 'alone.onnx'), model);
  writeFileSync(join(out, 'weights'), weights);
  const described = Object.entries(feeds).map(([name, { type, dims, data }], i) => {
    writeFileSync(join(out, `feed${i}`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return { name, type, dims };
  });
  writeFileSync(join(out, 'alone.json'), JSON.stringify(described));
  const args = [fileURLToPath(import.meta.url), '--alone', out];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** That process. */
async function runAlone(out) {
  const read = (name) => readFileSync(join(out, name));
  const weights = read('weights');
  const files = weights.length > 0 ? [{ path: ORIGINAL_WEIGHTS, data: weights }] : undefined;
  const model = read('alone.onnx');
  const start = process.cpuUsage();
  const session = await opened(model, files);
  const { user, system } = process.cpuUsage(start);
  const feeds = {};
  for (const [i, { name, type, dims }] of JSON.parse(read('alone.json')).entries()) {
    const Type = type === 'float32' ? Float32Array : BigInt64Array;
    feeds[name] = new ort.Tensor(type, new Type(new Uint8Array(read(`feed${i}`)).buffer), dims);
  }
  for (let i = 0; i < RUNS_ALONE; i++) await session.run(feeds);
  const peak = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  console.log(JSON.stringify({ milliseconds: (user + system) / 1000, kibibytes: Number(peak) }));
}

/** What is differentiated: the whole model by its image, or behind the embeddings of a text. */
async function problem(bytes, feeds) {
  if (feeds.x) return { model: bytes, by: 'x', feeds };
  const { layers } = inspectModel(bytes);
  const embedded = layers.map((l) => l.tensor).find((t) => /words/.test(t));
  const { encoder, head } = cutModel(bytes, embedded, { output: 'y', inline: true });
  const session = await opened(encoder);
  const needed = Object.fromEntries(session.inputNames.map((n) => [n, feeds[n]]));
  const first = (await session.run(needed))[embedded];
  await session.release();
  return { model: head, by: embedded, feeds: { ...feeds, [embedded]: first } };
}

async function measure(name) {
  const out = mkdtempSync(join(tmpdir(), 'gradients-'));
  try {
    const torch = rival(name, out);
    const { inputs, v } = await torch.ready();
    const read = (file, Type) => new Type(new Uint8Array(readFileSync(join(out, file))).buffer);
    const feeds = {};
    for (const { name: key, dims, float } of inputs) {
      feeds[key] = float
        ? new ort.Tensor('float32', read(key, Float32Array), dims)
        : new ort.Tensor('int64', read(key, BigInt64Array), dims);
    }
    const bytes = new Uint8Array(readFileSync(join(out, 'model.onnx')));
    const given = await problem(bytes, feeds);
    const forward = await opened(given.model);
    const gradientModel = differentiate(given.model, { of: 'y', withRespectTo: given.by, batch });
    const both = await opened(gradientModel, [{ path: ORIGINAL_WEIGHTS, data: given.model }]);
    const only = (session, all) => Object.fromEntries(session.inputNames.map((n) => [n, all[n]]));
    const forwardFeeds = only(forward, given.feeds);
    const bothFeeds = only(both, {
      ...given.feeds,
      'y/cotangent': new ort.Tensor('float32', read('v', Float32Array), v),
    });

    const results = await both.run(bothFeeds);
    const file = join(out, 'ours');
    writeFileSync(file, new Uint8Array(results[`${given.by}/gradient`].data.buffer));
    const off = await torch.ask(`compare ${file}`);
    if (values.kinks) {
      const { alike, moved } = await torch.ask(`kinks ${file}`);
      torch.end();
      return [name, off.ours.toExponential(1), moved, alike.toExponential(1)];
    }
    const times = { forward: [], both: [], torchForward: [], torchBoth: [] };
    const end = performance.now() + 1000 * MAX_SECONDS;
    for (let i = 0; i < ROUNDS + WARM_UP; i++) {
      if (i >= MIN_ROUNDS + WARM_UP && performance.now() > end) break;
      const round = {
        forward: await cost(forward, forwardFeeds),
        both: await cost(both, bothFeeds),
        torchForward: await torch.ask('forward'),
        torchBoth: await torch.ask('both'),
      };
      if (i >= WARM_UP) for (const key of Object.keys(times)) times[key].push(round[key]);
    }
    torch.end();
    await forward.release();
    await both.release();
    const alone = [
      seenAlone(out, given.model, new Uint8Array(), forwardFeeds),
      seenAlone(out, gradientModel, given.model, bothFeeds),
    ];
    return row(name, times, off, alone);
  } finally {
    rmSync(out, { recursive: true });
  }
}

function row(name, times, off, alone) {
  const [f, b, tf, tb] = Object.values(times).map(median);
  const ratioOf = (both, forward) => median(both.map((time, i) => time / forward[i]));
  const ratio = ratioOf(times.both, times.forward);
  const theirs = ratioOf(times.torchBoth, times.torchForward);
  return [
    name,
    off.ours.toExponential(1),
    off.torch.toExponential(1),
    f.toFixed(0),
    b.toFixed(0),
    ratio.toFixed(2),
    tf.toFixed(0),
    tb.toFixed(0),
    theirs.toFixed(2),
    (ratio / theirs).toFixed(2),
    ...alone.map(({ milliseconds }) => milliseconds.toFixed(0)),
    ...alone.map(({ kibibytes }) => (kibibytes / 2 ** 10).toFixed(0)),
  ];
}

function columns() {
  const first = ['network', 'off'];
  if (values.kinks) return [...first, 'units on the other side', 'off with them on ours'];
  const times = ['torch off', 'forward ms', 'both ms', 'ratio', 'torch forward ms', 'torch both ms'];
  const ratios = ['torch ratio', 'ratio / torch'];
  return [...first, ...times, ...ratios, 'create ms', 'create both ms', 'peak MiB', 'peak both MiB'];
}

async function main() {
  const unknown = positionals.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    console.error(`gradients: expected names of ${NAMES.join(', ')}; got ${unknown.join(', ')}`);
    process.exit(2);
  }
  const kind = values.smooth ? ', without kinks' : '';
  console.log(
    `\nbatch ${batch}${kind}; off = largest difference from float64, as a share of the largest entry\n`,
  );
  const head = columns();
  console.log(`| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}`);
  for (const name of positionals.length > 0 ? positionals : NAMES) {
    console.log(`| ${(await measure(name)).join(' | ')} |`);
  }
}

await (values.alone === undefined ? main() : runAlone(values.alone));
