import { describe, expect, it } from 'vitest';
import type { FoldedHead, FoldRequest } from '../craft/folded-head.ts';
import { keptFold } from './kept-fold.ts';

/** Opens heads that count themselves. */
function counted(fails = false) {
  const opened: FoldRequest[] = [];
  const released: FoldRequest[] = [];
  const open = async (request: FoldRequest): Promise<FoldedHead> => {
    opened.push(request);
    if (fails && opened.length === 1) throw new Error('no');
    const release = async (): Promise<void> => {
      released.push(request);
    };
    return { prefix: null, tail: null, width: 1, isVector: true, rows: 1, release };
  };
  return { opened, released, folder: keptFold(open) };
}
const [a, b] = [
  { classId: 1, rank: 5 },
  { classId: 2, rank: 5 },
];

describe('keptFold', () => {
  it('opens a head once for the same request, and frees it when it is released itself', async () => {
    const { opened, released, folder } = counted();
    for (let k = 0; k < 3; k++) await (await folder.fold(a))!.release();
    expect([opened, released]).toEqual([[a], []]);
    await folder.release();
    await folder.release();
    expect(released).toEqual([a]);
  });

  it('keeps the last one only, and frees none that is in use', async () => {
    const { opened, released, folder } = counted();
    const used = (await folder.fold(a))!;
    await (await folder.fold(b))!.release();
    expect([opened, released]).toEqual([[a, b], []]);
    await used.release();
    expect(released).toEqual([a]);
    const again = (await folder.fold(b))!;
    await folder.release();
    expect(released).toEqual([a]);
    await again.release();
    expect(released).toEqual([a, b]);
  });

  it('shares one between two who ask at the same time', async () => {
    const { opened, folder } = counted();
    const [x, y] = await Promise.all([folder.fold(a), folder.fold(a)]);
    expect([opened.length, x !== null, y !== null]).toEqual([1, true, true]);
  });

  it('tries again after a failure, and passes on that there is no fold', async () => {
    const { opened, folder } = counted(true);
    await expect(folder.fold(a)).rejects.toThrow('no');
    expect(await folder.fold(a)).not.toBeNull();
    expect(opened).toEqual([a, a]);
    const none = keptFold(async () => null);
    expect(await none.fold(a)).toBeNull();
    await none.release();
  });
});
