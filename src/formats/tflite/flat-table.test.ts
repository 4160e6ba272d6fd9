import { Builder } from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { CraftError } from '../../errors.ts';
import { FlatTable } from './flat-table.ts';

/** Fields: 0 int8, 1 int32, 2 float32, 3 text, 4 ints, 5 longs, 6 floats, 7 a table, 8 absent. */
function sample(): Uint8Array {
  const b = new Builder(64);
  const text = b.createString('grün');
  b.startVector(4, 3, 4);
  for (const v of [3, -2, 1]) b.addInt32(v);
  const ints = b.endVector();
  b.startVector(8, 2, 8);
  for (const v of [-5n, 4n]) b.addInt64(v);
  const longs = b.endVector();
  b.startVector(4, 1, 4);
  b.addFloat32(0.5);
  const floats = b.endVector();
  b.startObject(1);
  b.addFieldInt32(0, 99, 0);
  const inner = b.endObject();
  b.startObject(9);
  b.addFieldInt8(0, -7, 0);
  b.addFieldInt32(1, -70000, 0);
  b.addFieldFloat32(2, 1.5, 0);
  [text, ints, longs, floats, inner].forEach((offset, k) => {
    b.addFieldOffset(3 + k, offset, 0);
  });
  b.finish(b.endObject());
  return b.asUint8Array().slice();
}

/** Reads all there is, so that every offset is followed. */
function readAll(bytes: Uint8Array): unknown[] {
  const t = FlatTable.root(bytes);
  return [
    t.int8(0),
    t.int32(1),
    t.float32(2),
    t.text(3, 100),
    t.ints(4, 100),
    t.longs(5, 100),
    t.floats(6, 100),
    t.table(7).int32(0),
    t.int32(8, 12),
    t.table(8).int32(0, 13),
    t.ints(8, 100),
    t.has(7),
    t.has(8),
  ];
}

describe('FlatTable', () => {
  it('reads what the builder wrote, and defaults', () => {
    const expected = [-7, -70000, 1.5, 'grün', [1, -2, 3], [4, -5], [0.5], 99, 12, 13, [], true, false];
    expect(readAll(sample())).toEqual(expected);
  });

  it('refuses a vector longer than its bound', () => {
    expect(() => FlatTable.root(sample()).ints(4, 2)).toThrow(/at most 2 elements/);
  });

  it('reads or refuses a file with any 4 bytes changed, or that ends early', () => {
    const whole = sample();
    const attempt = (bytes: Uint8Array) => {
      try {
        readAll(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CraftError);
        expect((error as CraftError).code).toBe('MODEL_FORMAT');
      }
    };
    for (let at = 0; at + 4 <= whole.length; at++) {
      for (const value of [0xffffffff, 0x7fffffff, 0x80000000, whole.length, 0]) {
        const bytes = whole.slice();
        new DataView(bytes.buffer).setUint32(at, value, true);
        attempt(bytes);
      }
    }
    for (let end = 0; end < whole.length; end++) attempt(whole.slice(0, end));
  });
});
