// FlatBuffers, read with every offset, count and length checked against the bytes before it is used.
//
// A table starts with a signed offset back to its vtable, which holds the table's fields as offsets
// from the table; a field that is absent there has its default. Vectors, texts and tables inside are
// reached by an unsigned offset from the field.
//
// Format: https://flatbuffers.dev/internals

import { ByteBuffer } from 'flatbuffers';
import { malformed } from './fail.ts';

/** A vector of `count` elements from byte `start`, all inside the file. */
interface Span {
  readonly start: number;
  readonly count: number;
}

/** One table of the file. Fields go by their number in the schema. */
export class FlatTable {
  readonly #buffer: ByteBuffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  private constructor(buffer: ByteBuffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
    if (at < 0) {
      this.#vtable = 0;
      this.#vtableBytes = 0;
      return;
    }
    this.#check(at, 4);
    this.#vtable = at - buffer.readInt32(at);
    this.#check(this.#vtable, 4);
    this.#vtableBytes = buffer.readUint16(this.#vtable);
    this.#check(this.#vtable, this.#vtableBytes);
  }

  /** The table that the file starts from. */
  static root(bytes: Uint8Array): FlatTable {
    if (bytes.length < 8) throw malformed('file', 'at least 8 bytes', bytes.length);
    const buffer = new ByteBuffer(bytes);
    return new FlatTable(buffer, buffer.readUint32(0));
  }

  int8(field: number, fallback = 0): number {
    const p = this.#field(field, 1);
    return p < 0 ? fallback : this.#buffer.readInt8(p);
  }

  uint8(field: number, fallback = 0): number {
    const p = this.#field(field, 1);
    return p < 0 ? fallback : this.#buffer.readUint8(p);
  }

  bool(field: number): boolean {
    return this.uint8(field) !== 0;
  }

  int32(field: number, fallback = 0): number {
    const p = this.#field(field, 4);
    return p < 0 ? fallback : this.#buffer.readInt32(p);
  }

  uint32(field: number, fallback = 0): number {
    const p = this.#field(field, 4);
    return p < 0 ? fallback : this.#buffer.readUint32(p);
  }

  float32(field: number, fallback = 0): number {
    const p = this.#field(field, 4);
    return p < 0 ? fallback : this.#buffer.readFloat32(p);
  }

  uint64(field: number): bigint {
    const p = this.#field(field, 8);
    return p < 0 ? 0n : this.#buffer.readUint64(p);
  }

  has(field: number): boolean {
    return this.#field(field, 4) >= 0;
  }

  /** The table in a field; where it is absent, a table whose fields all have their default. */
  table(field: number): FlatTable {
    const p = this.#field(field, 4);
    return new FlatTable(this.#buffer, p < 0 ? -1 : p + this.#buffer.readUint32(p));
  }

  tables(field: number, max: number): FlatTable[] {
    return this.#map(field, 4, max, (p) => new FlatTable(this.#buffer, p + this.#buffer.readUint32(p)));
  }

  ints(field: number, max: number): number[] {
    return this.#map(field, 4, max, (p) => this.#buffer.readInt32(p));
  }

  floats(field: number, max: number): number[] {
    return this.#map(field, 4, max, (p) => this.#buffer.readFloat32(p));
  }

  longs(field: number, max: number): number[] {
    return this.#map(field, 8, max, (p) => Number(this.#buffer.readInt64(p)));
  }

  /** A view, not a copy. */
  bytes(field: number): Uint8Array {
    const { start, count } = this.#vector(field, 1, this.#buffer.capacity());
    return this.#buffer.bytes().subarray(start, start + count);
  }

  /** The first `max` bytes of a text, as text. */
  text(field: number, max: number): string {
    return new TextDecoder().decode(this.bytes(field).subarray(0, max));
  }

  /** Byte offset of a field's value, −1 if absent. */
  #field(field: number, size: number): number {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#vtableBytes) return -1;
    const offset = this.#buffer.readUint16(this.#vtable + slot);
    if (offset === 0) return -1;
    this.#check(this.#at + offset, size);
    return this.#at + offset;
  }

  #vector(field: number, elementBytes: number, max: number): Span {
    const p = this.#field(field, 4);
    if (p < 0) return { start: 0, count: 0 };
    const at = p + this.#buffer.readUint32(p);
    this.#check(at, 4);
    const count = this.#buffer.readUint32(at);
    if (count > max) throw malformed(`vector at byte ${at}`, `at most ${max} elements`, count);
    this.#check(at + 4, count * elementBytes);
    return { start: at + 4, count };
  }

  #map<T>(field: number, elementBytes: number, max: number, read: (at: number) => T): T[] {
    const { start, count } = this.#vector(field, elementBytes, max);
    return Array.from({ length: count }, (_, k) => read(start + k * elementBytes));
  }

  #check(at: number, size: number): void {
    const end = this.#buffer.capacity();
    if (at < 0 || at + size > end)
      throw malformed('offset', `${size} bytes inside the ${end} of the file`, at);
  }
}
