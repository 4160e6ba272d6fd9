import { describe, expect, it } from 'vitest';
import { imageUrl } from './image-url.ts';

describe('imageUrl', () => {
  it.each([
    ['assets/inputs/0003.jpg', 'assets/inputs/0003.jpg'],
    ['a b/#1?.png', 'a%20b/%231%3F.png'],
    ['100%.png', '100%25.png'],
    ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
  ])('makes %s a URL below the page', (path, url) => {
    expect(imageUrl(path)).toBe(url);
  });

  it.each([
    null,
    '',
    'https://example.com/a.png',
    'HTTP:example.com',
    'javascript:alert(1)',
    'data:image/svg+xml,<svg/>',
    'data:text/html,x',
    '//example.com/a.png',
    '/etc/passwd',
    '\\\\host\\share\\a.png',
    'a/../../b.png',
    'file:///etc/passwd',
  ])('refuses %s', (path) => {
    expect(imageUrl(path)).toBeNull();
  });
});
