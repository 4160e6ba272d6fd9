import { describe, expect, it } from 'vitest';
import { routeOf } from './route.ts';

describe('routeOf', () => {
  it.each([
    ['concept-3', { page: 'concept', id: 2 }],
    ['input-12', { page: 'input', input: 11 }],
    ['concept-9', { page: 'report' }],
    ['input-0', { page: 'report' }],
    ['concept-1e0', { page: 'report' }],
    ['maps', { page: 'report' }],
    ['', { page: 'report' }],
  ])('%j', (place, route) => {
    expect(routeOf(place, 8, 24)).toEqual(route);
  });
});
