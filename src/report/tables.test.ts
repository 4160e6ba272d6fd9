import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTables, unpackTables } from './tables.ts';

describe('packTables', () => {
  it('makes columns of a list of like objects, and of objects in them', () => {
    const items = [
      { name: 'a', box: { x: 1, y: 2 } },
      { name: 'b', box: { x: 3, y: 4 } },
    ];
    expect(packTables({ items })).toEqual({
      items: ['$table', ['name', 'box'], ['a', 'b'], ['$table', ['x', 'y'], [1, 3], [2, 4]]],
    });
  });

  it.each([
    ['one object', [{ a: 1 }]],
    ['other keys', [{ a: 1 }, { b: 1 }]],
    [
      'another order of keys',
      [
        { a: 1, b: 2 },
        { b: 1, a: 2 },
      ],
    ],
    ['no keys', [{}, {}]],
    ['not only objects', [{ a: 1 }, null]],
  ])('leaves a list of %s', (_, list) => {
    expect(packTables(list)).toEqual(list);
  });

  // strings that look like the marks, lists of like objects at every depth, and __proto__ as a key
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, 0.1 + 0.2, 'text', '$table', '$list', '__proto__'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.array(fc.record({ a: tie('tree'), $table: tie('tree') }), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', '$table', '__proto__'), tie('tree')),
    ),
  }));

  it('gives back the same text, whatever it holds', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const packed = JSON.stringify(packTables(value));
        expect(JSON.stringify(unpackTables(JSON.parse(packed)))).toBe(JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });
});
