import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { residualNetwork } from '../../../test/models/networks.ts';
import { CraftError } from '../../errors.ts';
import { decodeModel, encodeModel } from './read.ts';

const golden = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../test/golden/${path}.onnx`, import.meta.url)));

describe('decodeModel and encodeModel', () => {
  it.each(['models/cnn', 'models/tv', 'models/text', 'light/light_densenet121'])(
    'give back the bytes of %s',
    (path) => {
      const bytes = golden(path);
      expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
    },
  );

  it('keep fields that they do not know', () => {
    const bytes = residualNetwork().bytes();
    // field 1000, a varint of 5
    const extended = new Uint8Array([...bytes, 0xc0, 0x3e, 5]);
    expect([...encodeModel(decodeModel(extended))]).toEqual([...extended]);
  });

  it('do not copy weights', () => {
    const bytes = golden('models/cnn');
    for (const t of decodeModel(bytes).graph!.initializer) expect(t.rawData.buffer).toBe(bytes.buffer);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a graph without nodes', new Uint8Array([0x3a, 0])],
    ['text', new TextEncoder().encode('PK\u0003\u0004 not a model')],
    ['half a model', golden('models/cnn').subarray(0, 1000)],
    ['groups in groups', new Uint8Array(5000).fill(0x0b)],
  ])('refuse %s', (_, bytes) => {
    expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ code: 'MODEL_FORMAT' }));
  });

  it('refuse what is not bytes', () => {
    expect(() => decodeModel('model.onnx' as unknown as Uint8Array)).toThrow(CraftError);
  });

  it('throw nothing but CraftError at any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeModel(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CraftError);
        }
      }),
    );
  });
});
