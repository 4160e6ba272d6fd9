import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../test/models/builder.ts';
import { residualNetwork, sharedWeightsNetwork, visionTransformer } from '../../test/models/networks.ts';
import { CraftError } from '../errors.ts';
import { cutModel, ORIGINAL_WEIGHTS } from './cut.ts';
import { DataLocation } from './proto/constants.ts';
import { ModelProtoSchema, StringStringEntryProtoSchema } from './proto/onnx_pb.ts';
import { decodeModel } from './proto/read.ts';
import { valuesOf } from './tensor-values.ts';

function errorOf(run: () => unknown): CraftError {
  try {
    run();
  } catch (error) {
    if (error instanceof CraftError) return error;
    throw error;
  }
  throw new Error('expected a CraftError; got none');
}

describe('cutModel', () => {
  it('makes two models that share no node and keep what the file says of itself', () => {
    const bytes = residualNetwork().bytes(13);
    const { encoder, head, latent, sideInputs, output } = cutModel(bytes, 'block');
    const [g, h] = [decodeModel(encoder), decodeModel(head)];
    expect(g.graph!.output.map((o) => o.name)).toEqual(['block']);
    expect(h.graph!.input.map((i) => i.name)).toEqual(['block']);
    expect(g.graph!.node.length + h.graph!.node.length).toBe(decodeModel(bytes).graph!.node.length);
    expect([g.opsetImport[0].version, h.opsetImport[0].version]).toEqual([13n, 13n]);
    expect([g.producerName, h.producerName]).toEqual(['test', 'test']);
    expect(latent).toMatchObject({ tensor: 'block', inputName: 'block', batch: null, shape: ['N', 8, 6, 6] });
    expect(sideInputs).toEqual([]);
    expect(output).toBe('probabilities');
  });

  it('ends the head where it is told', () => {
    const { head, output } = cutModel(residualNetwork().bytes(), 'block', { output: 'logits' });
    expect(output).toBe('logits');
    expect(decodeModel(head).graph!.node.map((n) => n.opType)).toEqual([
      'GlobalAveragePool',
      'Flatten',
      'Gemm',
    ]);
  });

  it('says that a fixed batch is fixed', () => {
    expect(cutModel(residualNetwork(1).bytes(), 'block').latent.batch).toBe(1);
  });

  it('writes shared weights into both halves', () => {
    const { encoder, head } = cutModel(sharedWeightsNetwork().bytes(), 'middle');
    const has = (bytes: Uint8Array) => decodeModel(bytes).graph!.initializer.some((t) => t.name === 'shared');
    expect([has(encoder), has(head)]).toEqual([true, true]);
  });

  it('rebuilds shapes from the latent and needs no input for them', () => {
    const { head } = cutModel(visionTransformer().bytes(), 'patch_tokens');
    expect(decodeModel(head).graph!.input.map((i) => i.name)).toEqual(['patch_tokens']);
  });

  it('refers to the original bytes by offset', () => {
    const padded = new Uint8Array(8000);
    const model = sharedWeightsNetwork().bytes();
    padded.set(model, 24); // a view that does not start its buffer, as Buffers of Node do not
    const bytes = padded.subarray(24, 24 + model.length);
    const { encoder, head } = cutModel(bytes, 'middle', { inline: false });
    for (const half of [encoder, head]) {
      const shared = decodeModel(half).graph!.initializer.find((t) => t.name === 'shared')!;
      const place = Object.fromEntries(shared.externalData.map((e) => [e.key, e.value]));
      expect(shared.dataLocation).toBe(DataLocation.EXTERNAL);
      expect(place).toMatchObject({ location: ORIGINAL_WEIGHTS, length: '4096' });
      const own = decodeModel(bytes).graph!.initializer.find((t) => t.name === 'shared')!;
      expect(bytes.subarray(Number(place.offset), Number(place.offset) + 4096)).toEqual(own.rawData);
    }
    expect(head.length).toBeLessThan(1500);
  });
});

describe('external data', () => {
  const weights = Float32Array.from({ length: 32 * 32 }, (_, i) => i);
  const file = new Uint8Array(16 + weights.byteLength);
  file.set(new Uint8Array(weights.buffer), 16);

  function model(entries: Record<string, string>): Uint8Array {
    const model = sharedWeightsNetwork().model();
    const shared = model.graph!.initializer.find((t) => t.name === 'shared')!;
    shared.rawData = new Uint8Array(0);
    shared.dataLocation = DataLocation.EXTERNAL;
    shared.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
    return toBinary(ModelProtoSchema, model);
  }

  it('is read into the halves', () => {
    const externalData = new Map([['weights.bin', file]]);
    const { head } = cutModel(model({ location: 'weights.bin', offset: '16' }), 'middle', { externalData });
    const shared = decodeModel(head).graph!.initializer.find((t) => t.name === 'shared')!;
    expect(valuesOf(shared, 2000)).toEqual([...weights]);
  });

  it('stays outside if the weights are not to be inside', () => {
    const bytes = model({ location: 'weights.bin', offset: '16' });
    const { head } = cutModel(bytes, 'middle', { inline: false });
    const shared = decodeModel(head).graph!.initializer.find((t) => t.name === 'shared')!;
    expect(shared.externalData[0].value).toBe('weights.bin');
  });

  it.each([
    [{ location: 'weights.bin' }, new Map(), 'FILE', /"weights.bin"/],
    [{ location: 'weights.bin', offset: '17' }, new Map([['weights.bin', file]]), 'FILE', /4096 bytes/],
    [{ location: 'weights.bin', offset: '-1' }, new Map([['weights.bin', file]]), 'MODEL_FORMAT', /"-1"/],
    [{ location: 'weights.bin', length: '1e99' }, new Map([['weights.bin', file]]), 'MODEL_FORMAT', /"1e99"/],
  ])('with %j and what is given is refused', (entries, externalData, code, message) => {
    const error = errorOf(() =>
      cutModel(model(entries as Record<string, string>), 'middle', { externalData }),
    );
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('layer names', () => {
  const bytes = residualNetwork().bytes();

  it.each([['block'], ['/block'], ['sum']])('finds %s', (name) => {
    expect(cutModel(bytes, name).latent.tensor).toBe(name.replace('/', ''));
  });

  it('offers the closest names for one that does not exist', () => {
    const error = errorOf(() => cutModel(bytes, 'blok'));
    expect(error.code).toBe('LAYER_NOT_FOUND');
    expect(error.message).toMatch(/closest names: "block"/);
    expect(error.message).toMatch(/valid cuts: .*"pooled"/);
  });

  it('names what bypasses a layer, and the nearest cuts', () => {
    const error = errorOf(() => cutModel(bytes, 'inner'));
    expect(error.code).toBe('NOT_A_CUT');
    expect(error.message).toMatch(/bypassed by "stem" \(read by Add "\/sum"\)/);
    expect(error.message).toMatch(/before: "stem", after: "sum"/);
  });

  it('refuses the output itself, and layers that are not on the way', () => {
    expect(errorOf(() => cutModel(bytes, 'probabilities')).code).toBe('NOT_A_CUT');
    expect(errorOf(() => cutModel(bytes, 'x')).code).toBe('LAYER_NOT_FOUND');
    expect(errorOf(() => cutModel(bytes, 'block', { output: 'nothing' })).code).toBe('LAYER_NOT_FOUND');
  });

  it('finds nodes by the scopes of the dynamo exporter', () => {
    const b = new GraphBuilder();
    const first = b.node(
      'Relu',
      [b.node('MatMul', [b.input('x', ['N', 4]), b.weights([4, 6])])],
      {},
      'relu_out',
    );
    b.output(b.node('MatMul', [first, b.weights([6, 2])], {}, 'scores'), ['N', 2]);
    b.graph.node[1].metadataProps = [
      create(StringStringEntryProtoSchema, {
        key: 'pkg.torch.onnx.name_scopes',
        value: "['', 'encoder', 'encoder.layer.0', 'relu']",
      }),
    ];
    const { latent } = cutModel(b.bytes(), 'encoder.layer.0');
    expect(latent).toMatchObject({ tensor: 'relu_out', module: 'encoder.layer.0' });
    expect(cutModel(b.bytes(), 'encoder').latent.tensor).toBe('relu_out');
  });
});
