import { describe, expect, it } from 'vitest';
import { CraftError } from '../errors.ts';
import { checkMemory } from './memory.ts';

/** 1000 bytes an image and 500 in all cases. */
const bytesFor = (images: number): number => 1000 * images + 500;

function failure(images: number, modelBytes: number, limit: number): CraftError | null {
  try {
    checkMemory({ bytesFor, inputs: images, noun: 'images', modelBytes }, limit);
    return null;
  } catch (error) {
    return error as CraftError;
  }
}

describe('checkMemory', () => {
  it('lets a run through that just fits: 4·100 + 500 + 1000·9 bytes', () => {
    expect(failure(9, 100, 9900)).toBeNull();
    expect(failure(9, 100, 9899)).toBeInstanceOf(CraftError);
  });

  it('says how many images fit', () => {
    const error = failure(1000, 100, 9900);
    expect(error?.code).toBe('OPTION');
    expect(error?.message).toContain('use at most 9 images');
    expect(failure(9, 100, 9900)).toBeNull();
  });

  it('says so where none fits', () => {
    expect(failure(1, 10_000, 9900)?.message).toContain('Node');
  });
});
