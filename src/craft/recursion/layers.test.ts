import { describe, expect, it } from 'vitest';
import type { LayerInfo } from '../../onnx/layer.ts';
import { earlierLayers, layersToTry } from './layers.ts';

const layer = (name: string, side: number, more: Partial<LayerInfo> = {}): LayerInfo => ({
  tensor: `${name}:0`,
  name,
  module: '',
  op: 'Add',
  shape: ['N', 8, side, side],
  layout: 'NCHW',
  grid: [side, side],
  prefixTokens: 0,
  nonNegative: null,
  pooledAfter: false,
  linearHead: false,
  reads: 'all',
  ...more,
});
const names = (found: readonly { name: string }[]): string[] => found.map(({ name }) => name);

const mobile = [
  layer('M/stem/Relu6', 112),
  layer('M/block_1/expand/Relu6', 112),
  layer('M/block_1/project', 56),
  layer('M/block_2/expand/Relu6', 56),
  layer('M/block_2/add', 56),
  layer('M/block_3/project', 28),
  layer('M/block_4/add', 28),
  layer('M/block_5/add', 28),
  layer('M/last/conv', 28, { op: 'Conv' }),
  layer('M/last/Relu6', 28, { op: 'Clip' }),
];

describe('earlierLayers', () => {
  it('gives the last cut of each block, nearest first, without the block of the layer', () => {
    expect(names(earlierLayers(mobile, 'M/last/Relu6:0'))).toEqual([
      'M/block_5/add',
      'M/block_4/add',
      'M/block_3/project',
      'M/block_2/add',
      'M/block_1/project',
      'M/stem/Relu6',
    ]);
    expect(names(earlierLayers(mobile, 'M/block_2/add:0'))).toEqual(['M/block_1/project', 'M/stem/Relu6']);
  });

  it('takes every cut for a block where names tell nothing, and skips what only moves values', () => {
    const flat = [
      layer('Conv_0', 8),
      layer('Relu_1', 8),
      layer('Reshape_2', 8, { op: 'Reshape' }),
      layer('Add_3', 4),
    ];
    expect(names(earlierLayers(flat, 'Add_3:0'))).toEqual(['Relu_1', 'Conv_0']);
  });

  it('skips the map that a pooled layer is the mean of', () => {
    const pooled = [
      ...mobile.slice(0, -1),
      layer('M/last/Relu6', 28, { pooledAfter: true }),
      layer('pool', 1, { layout: 'NC', grid: null }),
    ];
    expect(names(earlierLayers(pooled, 'pool:0'))[0]).toBe('M/block_5/add');
  });

  it('has nothing before the first layer, nor for a tensor that is no cut', () => {
    expect(earlierLayers(mobile, 'M/stem/Relu6:0')).toEqual([]);
    expect(earlierLayers(mobile, 'x')).toEqual([]);
  });
});

describe('layersToTry', () => {
  const earlier = earlierLayers(mobile, 'M/last/Relu6:0');

  it('takes the last layer of each size first, then the nearest, in their order', () => {
    expect(names(layersToTry(earlier, 2))).toEqual(['M/block_5/add', 'M/block_2/add']);
    expect(names(layersToTry(earlier, 4))).toEqual([
      'M/block_5/add',
      'M/block_4/add',
      'M/block_2/add',
      'M/stem/Relu6',
    ]);
    expect(layersToTry(earlier, 99)).toEqual(earlier);
    expect(layersToTry([], 3)).toEqual([]);
  });
});
