/**
 * The first key that stands twice in one object of a JSON text, or null: `JSON.parse` keeps the last and
 * says nothing, so two readers of a file with such a key may see different things.
 *
 * @param text - valid JSON. O(length).
 */
export function duplicateKey(text: string): string | null {
  const open: Set<string>[] = []; // keys so far of the objects (and, unused, arrays) around the token
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  for (const [match, colon] of text.matchAll(token)) {
    if (match === '{' || match === '[') open.push(new Set());
    else if (match === '}' || match === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(match.slice(0, -colon.length));
      const keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}
