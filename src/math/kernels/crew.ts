// Worker threads that run kernels on a shared memory: Node's or the browser's, whichever is there. They
// are kept for the next call for a while, and never keep a process alive while they wait.

import type { KernelName } from './module.ts';

/** One kernel on a list of argument lists; each worker takes the next that nobody has taken. */
export interface Job {
  name: KernelName;
  calls: number[][];
  /** Index in the memory, in 32-bit words, of the number of calls taken. */
  counter: number;
}

/** Values of the calls that a worker made: [index of the call, value]. */
export type Share = [number, number][];

export interface Hand {
  /** True once it can take jobs, on the memory as it is now. */
  ready(): boolean;
  /** Works on a job until no call is left. */
  work(job: Job, scratch: number): Promise<Share>;
}

interface Thread extends Hand {
  /** True after an error: it takes no more work. */
  broken: boolean;
  attach(module: WebAssembly.Module, memory: WebAssembly.Memory): void;
  detach(): void;
  end(): void;
}

/** What both kinds of threads can do. */
interface Port {
  post(message: unknown): void;
  /** Whether the process may end while this thread waits (Node). */
  hold(alive: boolean): void;
  end(): void;
}

/** The thread's program; `port` and `receive` are set by the line before it. */
const program = `
let kernels, words;
receive((message) => {
  if (message.memory) {
    kernels = new WebAssembly.Instance(message.module, { env: { memory: message.memory } }).exports;
    words = new Int32Array(message.memory.buffer);
    port.postMessage('ready');
  } else if (message.job) {
    const { name, calls, counter } = message.job;
    const share = [];
    for (let k; (k = Atomics.add(words, counter, 1)) < calls.length; ) {
      share.push([k, kernels[name](...calls[k], message.scratch)]);
    }
    port.postMessage(share);
  } else kernels = words = undefined;
});`;
const inNode = `const port = require('node:worker_threads').parentPort; const receive = (f) => port.on('message', f);`;
const inBrowser = `const port = self; const receive = (f) => { self.onmessage = (e) => f(e.data); };`;

const IDLE_MS = 10_000;
const idle: Thread[] = [];
let ending: ReturnType<typeof setTimeout> | undefined;

/** Threads the machine runs at once, or 1 where memory cannot be shared. */
export function availableThreads(): number {
  if (!canShare()) return 1;
  const os = builtin('node:os') as { availableParallelism?(): number; cpus(): unknown[] } | undefined;
  if (os) return Math.max(1, os.availableParallelism?.() ?? os.cpus().length);
  return Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1);
}

/** Whether worker threads and shared memory are there: Node, or a page that is cross-origin isolated. */
function canShare(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  if (builtin('node:worker_threads')) return true;
  return typeof Worker !== 'undefined' && globalThis.crossOriginIsolated === true;
}

/** A module of Node's, without an import that a browser could not resolve. */
function builtin(name: string): unknown {
  const getBuiltin = (globalThis.process as { getBuiltinModule?(name: string): unknown } | undefined)
    ?.getBuiltinModule;
  return getBuiltin?.(name);
}

/** Takes up to `count` threads, idle ones first, and gives them the memory. Fewer where none can be started. */
export function hire(count: number, module: WebAssembly.Module, memory: WebAssembly.Memory): Hand[] {
  const hands: Thread[] = [];
  while (hands.length < count) {
    const hand = idle.pop() ?? startThread();
    if (!hand) break;
    if (hand.broken) continue;
    hand.attach(module, memory);
    hands.push(hand);
  }
  return hands;
}

/** Gives threads back: they wait for the next call for 10 s, then end. */
export function dismiss(hands: readonly Hand[]): void {
  if (hands.length === 0) return;
  for (const hand of hands as Thread[]) {
    if (hand.broken) continue;
    hand.detach();
    idle.push(hand);
  }
  clearTimeout(ending);
  ending = setTimeout(endIdle, IDLE_MS);
  (ending as { unref?(): void }).unref?.();
}

/** Ends the threads that wait for work. */
export function endIdle(): void {
  for (const thread of idle.splice(0)) thread.end();
}

function startThread(): Thread | undefined {
  // A thread may miss that a memory grew while it was on the way there: it gets the memory again after it grew.
  let given: { module: WebAssembly.Module; memory: WebAssembly.Memory; bytes: number } | undefined;
  let ready = 0; // how often it said so, and how often it was asked
  let asked = 0;
  let pending: { resolve(share: Share): void; reject(error: unknown): void } | undefined;
  const onMessage = (message: 'ready' | Share): void => {
    if (message === 'ready') {
      ready++;
      return;
    }
    pending?.resolve(message);
  };
  const onError = (error: unknown): void => {
    thread.broken = true;
    pending?.reject(error);
  };
  const port = startNode(onMessage, onError) ?? startBrowser(onMessage, onError);
  if (!port) return undefined;
  const thread: Thread = {
    broken: false,
    ready() {
      if (thread.broken || !given) return false;
      const { module, memory, bytes } = given;
      if (memory.buffer.byteLength !== bytes) thread.attach(module, memory);
      return ready === asked;
    },
    attach(module, memory) {
      given = { module, memory, bytes: memory.buffer.byteLength };
      asked++;
      port.post({ module, memory });
    },
    detach() {
      given = undefined;
      port.post({});
    },
    async work(job, scratch) {
      port.hold(true);
      try {
        return await new Promise<Share>((resolve, reject) => {
          pending = { resolve, reject };
          port.post({ job, scratch });
        });
      } finally {
        pending = undefined;
        port.hold(false);
      }
    },
    end: () => port.end(),
  };
  return thread;
}

interface NodeWorker {
  on(event: 'message' | 'error', f: (value: never) => void): void;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

function startNode(
  onMessage: (message: 'ready' | Share) => void,
  onError: (e: unknown) => void,
): Port | undefined {
  const threads = builtin('node:worker_threads') as
    | { Worker: new (source: string, options: { eval: true; name: string }) => NodeWorker }
    | undefined;
  if (!threads) return undefined;
  const worker = new threads.Worker(inNode + program, { eval: true, name: 'craft-xai kernels' });
  worker.on('message', onMessage);
  worker.on('error', onError);
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
    end: () => void worker.terminate(),
  };
}

function startBrowser(
  onMessage: (message: 'ready' | Share) => void,
  onError: (e: unknown) => void,
): Port | undefined {
  if (!canShare()) return undefined;
  const url = URL.createObjectURL(new Blob([inBrowser + program], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url, { name: 'craft-xai kernels' });
    worker.onmessage = (event) => onMessage(event.data);
    worker.onerror = onError;
    return { post: (message) => worker.postMessage(message), hold: () => {}, end: () => worker.terminate() };
  } catch {
    return undefined; // a content security policy without blob: workers
  } finally {
    URL.revokeObjectURL(url);
  }
}
