// The names that a mistyped one may have meant.

/** Longer names are cut to this, and no more of them are compared: an error must not take seconds. */
const MAX_LENGTH = 80;
const MAX_NAMES = 5000;
const SHOWN = 5;

/** At most 5 names, closest first: those that contain what was asked for, then by edit distance. */
export function closestNames(asked: string, names: Iterable<string>): string[] {
  const query = asked.toLowerCase().slice(0, MAX_LENGTH);
  const scored: { name: string; distance: number }[] = [];
  for (const name of names) {
    if (scored.length === MAX_NAMES) break;
    const lower = name.toLowerCase().slice(0, MAX_LENGTH);
    scored.push({ name, distance: query !== '' && lower.includes(query) ? 0 : editDistance(lower, query) });
  }
  scored.sort((a, b) => a.distance - b.distance || a.name.length - b.name.length);
  return scored.slice(0, SHOWN).map((s) => s.name);
}

/** Levenshtein distance: insertions, deletions and replacements, each of cost 1. O(|a|·|b|). */
export function editDistance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = Math.min(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1));
      diagonal = above;
    }
  }
  return row[b.length];
}
