import { describe, expect, it } from 'vitest';
import { channels, colourOf, inkOn } from './palette.ts';

const luminance = (colour: string): number => {
  const [r, g, b] = channels(colour).map((c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ten = Array.from({ length: 10 }, (_, id) => colourOf(id));

describe('the palette', () => {
  it('has ten different colours, then the same again', () => {
    expect(new Set(ten).size).toBe(10);
    expect(colourOf(13)).toBe(colourOf(3));
  });

  it.each(ten)('gives %s a number that can be read (WCAG AA, 4.5)', (colour) => {
    const ink = inkOn(colour) === '#fff' ? 1 : 0;
    const ground = luminance(colour);
    expect((Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)).toBeGreaterThanOrEqual(4.5);
  });
});
