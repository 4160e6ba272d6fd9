// Activations that outlive a run: what is asked of a store, and what an entry of it is named by.
//
// An entry is named by everything that its numbers follow from: the release of this library, the model, the
// layer, the engine, what of an input was computed, and the input's content. Files and their names are no
// part of it, and so are rank, class and seed: what they change is computed from the same activations.

import type { KeyedBatch } from '../inputs/keyed-batch.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { VERSION } from '../version.ts';
import type { InputBatch } from './batches.ts';
import { sha256 } from './sha256.ts';

/** Raised when entries of the same name would hold other numbers, or be written another way. */
const FORMAT = 1;

/** Tensors by name, as one entry. */
export type Activations = Readonly<Record<string, Tensor>>;

/** Where activations are kept. It may forget at any time, and never fails: what it cannot keep it drops. */
export interface ActivationStore {
  /** Whether {@link get} would most likely find an entry; cheap. */
  has(key: string): Promise<boolean>;
  /** The entry, the same bits as were put, or null if it is not there or damaged. */
  get(key: string): Promise<Activations | null>;
  /** Keeps an entry; resolves when a run that is killed would find it again. */
  put(key: string, entry: Activations): Promise<void>;
}

/** Inputs that need not be read where their activations are kept. */
export interface KeyedInputs extends AsyncIterable<InputBatch> {
  /**
   * The batches that iteration gives, by key.
   *
   * @param isKept - of a key: the image was used before, so that it need not be decoded to know that it can.
   */
  keyedBatches(isKept: (key: string) => Promise<boolean>): AsyncIterable<KeyedBatch>;
}

export function areKeyed(inputs: unknown): inputs is KeyedInputs {
  return typeof (inputs as Partial<KeyedInputs> | null)?.keyedBatches === 'function';
}

/** The entries of one model, cut at one layer, run by one engine. */
export class ActivationSpace {
  readonly #store: ActivationStore;
  readonly #id: string;
  /** Inputs of g whose activations were found in the store, so far. */
  kept = 0;

  private constructor(store: ActivationStore, id: string) {
    this.#store = store;
    this.#id = id;
  }

  /** @param facts - plain data that the numbers of every entry follow from, beside the input. */
  static async of(store: ActivationStore, facts: unknown): Promise<ActivationSpace> {
    return new ActivationSpace(store, await sha256(JSON.stringify([FORMAT, VERSION, facts])));
  }

  /** @param what - what was computed, with its settings; `input` - the key of what it was computed from. */
  async has(what: string, input: string): Promise<boolean> {
    return this.#store.has(await this.#key(what, input));
  }

  /** The entry, or null if there is none that `isValid` accepts. */
  async get(
    what: string,
    input: string,
    isValid: (entry: Activations) => boolean,
  ): Promise<Activations | null> {
    const entry = await this.#store.get(await this.#key(what, input));
    return entry && isValid(entry) ? entry : null;
  }

  async put(what: string, input: string, entry: Activations): Promise<void> {
    await this.#store.put(await this.#key(what, input), entry);
  }

  /**
   * An entry for each image of a batch. Images without one are read, together, and `make` gives their
   * entries in order; each is kept as soon as it is there, so that a run that is killed loses few.
   */
  async entriesOf(batch: KeyedBatch, { what, runs, isValid, make }: EntryKind): Promise<Activations[]> {
    const entries = await Promise.all(batch.keys.map((key) => this.get(what, key, isValid)));
    const missing = [...batch.keys.keys()].filter((place) => entries[place] === null);
    this.kept += runs * (entries.length - missing.length);
    if (missing.length > 0) {
      const places = missing.values();
      for await (const part of make(await batch.read(missing))) {
        await Promise.all(
          part.map((entry) => {
            const place = places.next().value as number;
            entries[place] = entry;
            return this.put(what, batch.keys[place], entry);
          }),
        );
      }
    }
    return entries as Activations[];
  }

  /** The space in short as a folder, to be found and deleted by hand, and in full in the entry's name. */
  async #key(what: string, input: string): Promise<string> {
    return `${this.#id.slice(0, 16)}/${await sha256(JSON.stringify([this.#id, what, input]))}`;
  }
}

/** One kind of entry: its name, how to tell one that fits, and how to make those that are missing. */
export interface EntryKind {
  readonly what: string;
  /** Inputs of g that one entry stands for. */
  readonly runs: number;
  isValid(entry: Activations): boolean;
  /** The entries of images, in their order, in parts as they are ready. */
  make(images: Tensor): AsyncIterable<readonly Activations[]>;
}
