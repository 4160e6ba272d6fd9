import { describe, expect, it } from 'vitest';
import type { MapMethodScore } from '../../../craft/attribution/evaluation.ts';
import { againstChance, chanceSentence } from './against-chance.ts';

type Method = MapMethodScore['method'];
type Span = [number, number] | null;

function row(method: Method, deletion: Span, insertion: Span): MapMethodScore {
  const interval = (span: Span) =>
    span && { mean: (span[0] + span[1]) / 2, lower: span[0], upper: span[1], count: 4 };
  return {
    method,
    of: 'concept',
    deletion: interval(deletion),
    insertion: interval(insertion),
    muFidelity: null,
    seconds: 1,
  };
}

const chance = row('random', [0.4, 0.6], [0.4, 0.6]);

describe('againstChance', () => {
  it.each<[Span, string, string]>([
    [[0.1, 0.3], 'better', 'worse'],
    [[0.7, 0.9], 'worse', 'better'],
    [[0.1, 0.4], 'level', 'level'], // they touch
    [[0.45, 0.5], 'level', 'level'],
    [null, 'level', 'level'],
  ])('%j is %s of deletion, %s of insertion', (span, ofDeletion, ofInsertion) => {
    const own = row('rise', span, span);
    expect(againstChance(own, chance, 'deletion')).toBe(ofDeletion);
    expect(againstChance(own, chance, 'insertion')).toBe(ofInsertion);
  });

  it('is level where chance was not measured', () => {
    const unmeasured = row('random', null, null);
    expect(againstChance(row('rise', [0, 0.1], null), unmeasured, 'deletion')).toBe('level');
  });
});

describe('chanceSentence', () => {
  it('names what passes both tests', () => {
    const rows = [
      row('rise', [0.1, 0.2], [0.7, 0.9]),
      row('saliency', [0.1, 0.2], [0.1, 0.2]),
      chance,
      row('occlusion', [0, 0.1], [0.8, 0.9]),
    ];
    expect(chanceSentence(rows)).toBe('Clearly better than chance both ways: RISE, Occlusion.');
    expect(chanceSentence(rows.slice(1, 3))).toBe('None is clearly better than chance both ways.');
    expect(chanceSentence(rows.slice(0, 2))).toBe('');
  });
});
