// The kernels with their memory: places in it, and passes over chunks of rows by one thread or several.
// A pass is a list of calls that do not depend on each other; who makes which changes no bit.

import { CraftError } from '../../errors.ts';
import type { Pace } from '../pace.ts';
import { dismiss, type Hand, hire, type Share } from './crew.ts';
import { instantiate, type KernelName, type Kernels, kernelModule } from './module.ts';

const PAGE = 65536;
/** All that a 32-bit address reaches, in pages. */
const MOST_PAGES = 65536;
/** Places start at a multiple of a cache line. */
const LINE = 64;
/** A memory larger than this is not kept for the next call. */
const KEEP_BYTES = 32 * 1024 * 1024;

const kept: Engine[] = [];

export class Engine {
  readonly kernels: Kernels;
  private readonly memory: WebAssembly.Memory;
  private readonly hands: readonly Hand[];
  private top = LINE; // before it: the counter of calls taken
  private scratches: number[] = [];
  private scratchBytes = 0;

  private constructor(kernels: Kernels, memory: WebAssembly.Memory, hands: readonly Hand[]) {
    this.kernels = kernels;
    this.memory = memory;
    this.hands = hands;
  }

  /** An engine for `threads` threads; {@link close} it when done. */
  static async open(threads: number): Promise<Engine> {
    const reused = threads === 1 ? kept.pop() : undefined;
    if (reused) return reused;
    const shared = threads > 1;
    const module = await kernelModule(shared);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared });
    return new Engine(instantiate(module, memory), memory, shared ? hire(threads - 1, module, memory) : []);
  }

  /** Forgets all places; the memory may serve another call. */
  close(): void {
    dismiss(this.hands);
    this.top = LINE;
    this.scratches = [];
    this.scratchBytes = 0;
    const small = this.memory.buffer.byteLength <= KEEP_BYTES;
    if (this.hands.length === 0 && small && kept.length < 2) kept.push(this);
  }

  get threads(): number {
    return this.hands.length + 1;
  }

  /**
   * Address of `bytes` new bytes, all 0.
   *
   * @throws {@link CraftError} `RUNTIME` if the memory cannot grow so far.
   */
  place(bytes: number): number {
    const at = this.top;
    this.top = Math.ceil((at + bytes) / LINE) * LINE;
    const missing = Math.ceil((this.top - this.memory.buffer.byteLength) / PAGE);
    const dirty = Math.min(this.memory.buffer.byteLength, at + bytes); // grown pages are 0
    if (dirty > at) new Uint8Array(this.memory.buffer, at, dirty - at).fill(0);
    if (missing > 0) this.grow(missing);
    return at;
  }

  private grow(pages: number): void {
    try {
      this.memory.grow(pages);
    } catch (cause) {
      const needed = Math.ceil(this.top / 2 ** 20);
      throw new CraftError(
        'RUNTIME',
        `kernels: expected ${needed} MiB of memory; got less – use fewer rows or concepts`,
        { cause },
      );
    }
  }

  /** A view of the memory; valid until the next {@link place}. */
  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  /** Scratch of this thread, at least `bytes` long; every thread gets as much. */
  scratch(bytes: number): number {
    if (bytes > this.scratchBytes) {
      this.scratches = Array.from({ length: this.threads }, () => this.place(bytes));
      this.scratchBytes = bytes;
    }
    return this.scratches[0];
  }

  /**
   * Makes all calls of a kernel whose last argument is the scratch, which is added here; the event loop
   * gets its turns in between.
   *
   * @returns the value of each call, in order.
   */
  async run(name: KernelName, calls: number[][], pace: Pace): Promise<Float64Array> {
    const values = new Float64Array(calls.length);
    const hands = calls.length > 1 ? this.hands.filter((hand) => hand.ready()) : [];
    const counter = new Int32Array(this.memory.buffer, 0, 1);
    Atomics.store(counter, 0, 0);
    const job = { name, calls, counter: 0 };
    const shares = hands.map((hand) => hand.work(job, this.scratches[this.hands.indexOf(hand) + 1]));
    try {
      for (let k = 0; (k = Atomics.add(counter, 0, 1)) < calls.length; ) {
        values[k] = this.kernels[name](...calls[k], this.scratches[0]);
        await pace.rest();
      }
    } finally {
      Atomics.store(counter, 0, calls.length); // stopped early: nobody takes another call
      for (const share of await collect(shares)) for (const [k, value] of share) values[k] = value;
    }
    return values;
  }
}

/** Waits for all, so that no thread writes to the memory afterwards; then fails if one failed. */
async function collect(shares: Promise<Share>[]): Promise<Share[]> {
  const settled = await Promise.allSettled(shares);
  return settled.map((result) => {
    if (result.status === 'fulfilled') return result.value;
    throw new CraftError('RUNTIME', 'kernels: expected worker threads to work; got one that failed', {
      cause: result.reason,
    });
  });
}
