import { describe, expect, it } from 'vitest';
import { isShape, shapesOf } from './unit-shapes.ts';

describe('shapesOf', () => {
  it.each([
    ['I AM THE MANAGER OF A BANK', ['(in capitals)']],
    ['The FBI and the USA', []],
    ['for only $149 a month!', ['(numbers)', '(money)', '(exclamation)']],
    ['12 € each?', ['(numbers)', '(mostly numbers)', '(money)', '(question)']],
    ['Tel: 01 635 9760', ['(numbers)', '(mostly numbers)']],
    ['日本語です。', []],
    ['', []],
  ])('%s', (text, shapes) => {
    expect(shapesOf(text)).toEqual(shapes);
    for (const shape of shapes) expect(isShape(shape)).toBe(true);
  });

  it('are no words', () => {
    expect(isShape('numbers')).toBe(false);
  });
});
