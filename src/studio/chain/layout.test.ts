import { describe, expect, it } from 'vitest';
import type { LayerInfo } from '../../onnx/layer.ts';
import { channelsOf, shownLayers, slabsOf } from './layout.ts';

function layer(tensor: string, channels: number, side: number): LayerInfo {
  return {
    tensor,
    name: '',
    module: '',
    op: 'Relu',
    shape: ['N', channels, side, side],
    layout: 'NCHW',
    grid: [side, side],
    prefixTokens: 0,
    nonNegative: true,
    pooledAfter: false,
    linearHead: false,
    reads: 'all',
  };
}

/** 100 layers whose grid halves every 25. */
const deep = Array.from({ length: 100 }, (_, k) =>
  layer(`t${k}`, 8 * 2 ** Math.floor(k / 25), 64 >> (k / 25)),
);

describe('shownLayers', () => {
  it('draws every cut of a short chain, and of a long one on demand', () => {
    expect(shownLayers(deep.slice(0, 20), [], false)).toHaveLength(20);
    expect(shownLayers(deep, [], true)).toHaveLength(100);
  });

  it('keeps of a long chain the ends of its shapes, its end, and what is chosen', () => {
    const shown = shownLayers(deep, ['t3', null], false).map(({ tensor }) => tensor);
    expect(shown.length).toBeLessThanOrEqual(20);
    for (const tensor of ['t3', 't24', 't49', 't74', 't99']) expect(shown).toContain(tensor);
  });
});

describe('slabsOf', () => {
  it('draws higher where the grid is finer, wider where there are more channels, none over another', () => {
    const slabs = slabsOf(deep.filter((_, k) => k % 25 === 0));
    slabs.slice(1).forEach((slab, k) => {
      expect(slab.height).toBeLessThan(slabs[k].height);
      expect(slab.width).toBeGreaterThan(slabs[k].width);
      expect(slab.x).toBeGreaterThan(slabs[k].x + slabs[k].width);
    });
  });

  it('draws a layer of which nothing is known', () => {
    const unknown = { ...layer('t', 1, 1), shape: [], layout: null, grid: null };
    expect(channelsOf(unknown)).toBe(1);
    expect(Object.values(slabsOf([unknown])[0]).filter(Number.isNaN)).toEqual([]);
  });
});
