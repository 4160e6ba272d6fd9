// Names of classes: reading them from the usual kinds of file, and finding one by name or id.

import { CraftError } from '../errors.ts';

const MOST_LABELS = 1_000_000;

/**
 * Reads the names of classes from a text:
 * one a line, with or without the id before it ("0: tench", "0 tench"), with or without a WordNet id
 * ("n01440764 tench"); or JSON: a list, an object from id to name, or a Hugging Face config with
 * `id2label`. A name of a JSON entry may be a list that ends with it, as in imagenet_class_index.json.
 *
 * @returns the name of each class by its id; '' where the file leaves an id out.
 * @throws {@link CraftError} `FILE_FORMAT` if it is none of these.
 */
export function parseLabels(text: string): string[] {
  const clean = text.replace(/^\uFEFF/, '');
  if (/^\s*[[{]/.test(clean)) return fromJson(clean);
  const lines = clean.split(/\r\n|\r|\n/).map((line) => line.trim());
  while (lines.length && lines[lines.length - 1] === '') lines.pop();
  if (lines.length === 0) throw notLabels('an empty file');
  if (lines.length > MOST_LABELS) throw notLabels(`${lines.length} lines`);
  if (lines.some((line) => line.includes('\0'))) throw notLabels('a binary file');
  return fromNumbered(lines) ?? lines.map(withoutWordNetId);
}

/** Lines that all open with an id of their own; null if one does not. */
function fromNumbered(lines: readonly string[]): string[] | null {
  const entries: [string, string][] = [];
  for (const line of lines) {
    const match = /^(\d{1,7})(?:\s*[:,;\t]\s*|\s+)(\S.*)$/.exec(line);
    if (match) entries.push([match[1], match[2]]);
    else if (line !== '') return null;
  }
  const ids = new Set(entries.map(([id]) => Number(id)));
  // "3 apples", "7 pears": numbers, but not ids
  if (ids.size !== entries.length || Math.max(...ids) >= 2 * entries.length) return null;
  return byId(entries);
}

function fromJson(text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notLabels('a text that opens as JSON and is not', cause);
  }
  if (value !== null && typeof value === 'object' && 'id2label' in value) value = value.id2label;
  if (value === null || typeof value !== 'object') throw notLabels('JSON without a list or id2label');
  const entries = Object.entries(value).map(([id, name]): [string, string] => {
    const last: unknown = Array.isArray(name) ? name[name.length - 1] : name;
    if (typeof last !== 'string')
      throw notLabels(`JSON whose entry ${JSON.stringify(id.slice(0, 40))} is no name`);
    return [id, last];
  });
  if (entries.length === 0) throw notLabels('JSON without entries');
  return byId(entries);
}

function byId(entries: readonly [string, string][]): string[] {
  let most = 0;
  for (const [id] of entries) {
    if (!/^\d{1,7}$/.test(id) || Number(id) >= MOST_LABELS) {
      throw notLabels(`an entry ${JSON.stringify(id.slice(0, 40))} that is no class id`);
    }
    most = Math.max(most, Number(id));
  }
  const labels = new Array<string>(most + 1).fill('');
  for (const [id, name] of entries) labels[Number(id)] = withoutWordNetId(name.trim());
  return labels;
}

function withoutWordNetId(name: string): string {
  return name.replace(/^n\d{8}[\s:,]+(?=\S)/, '');
}

function notLabels(got: string, cause?: unknown): CraftError {
  return new CraftError(
    'FILE_FORMAT',
    `labels: expected one class name a line, or JSON with a list of names or id2label, of at most ${MOST_LABELS} classes; got ${got}`,
    { cause },
  );
}

/**
 * Finds a class by its id (digits) or its name: exactly, else without regard to case, else as one of
 * the synonyms between commas ("tench, Tinca tinca").
 *
 * @param labels - name of each class by id; [] if there are none, then only ids are found.
 * @param classes - number of classes of the model.
 * @returns the id, and the label or "class 12" if it has none.
 * @throws {@link CraftError} `CLASS_NOT_FOUND`, with the closest names and their ids.
 */
export function findClass(
  labels: readonly string[],
  nameOrId: string,
  classes: number,
): { id: number; label: string } {
  const wanted = nameOrId.trim();
  if (/^\d+$/.test(wanted)) {
    const id = Number(wanted);
    if (id < classes) return { id, label: labels[id] || `class ${id}` };
    throw notFound(`an id from 0 to ${classes - 1}`, nameOrId);
  }
  if (wanted === '') throw notFound('the name or id of a class', nameOrId);
  if (labels.length === 0) {
    throw notFound(
      `an id from 0 to ${classes - 1}, as the model has no class names`,
      nameOrId,
      ' (or pass --labels)',
    );
  }
  if (labels.length !== classes) {
    throw notFound(
      `an id, as there are ${labels.length} class names for ${classes} classes`,
      nameOrId,
      ': pass --labels with one name for each class',
    );
  }

  const ids = idsOf(labels, wanted);
  if (ids.length === 1) return { id: ids[0], label: labels[ids[0]] };
  if (ids.length > 1) {
    throw notFound(
      'a name that one class has',
      nameOrId,
      `, the name of several: ${listOf(labels, ids.slice(0, 5))}. Use an id`,
    );
  }
  throw notFound(
    'the name or id of a class',
    nameOrId,
    `. Closest: ${listOf(labels, closest(labels, wanted))}`,
  );
}

/** The classes of this name, by the first rule that finds one. */
function idsOf(labels: readonly string[], wanted: string): number[] {
  const lower = wanted.toLowerCase();
  const rules: ((label: string) => boolean)[] = [
    (label) => label === wanted,
    (label) => label.toLowerCase() === lower,
    (label) => synonyms(label).includes(lower),
  ];
  for (const rule of rules) {
    const ids = labels.flatMap((label, id) => (rule(label) ? [id] : []));
    if (ids.length) return ids;
  }
  return [];
}

function synonyms(label: string): string[] {
  return label.toLowerCase().split(/\s*,\s*/);
}

/** Ids of the five names nearest by edit distance, a name that contains the wanted one before others. */
function closest(labels: readonly string[], wanted: string): number[] {
  const lower = wanted.toLowerCase().slice(0, 60);
  const scored = labels.map((label, id) => {
    const distances = synonyms(label)
      .slice(0, 20)
      .map((name) => (name.includes(lower) ? 0 : editDistance(name.slice(0, 60), lower)));
    return { id, distance: label === '' ? Infinity : Math.min(...distances) };
  });
  scored.sort((a, b) => a.distance - b.distance || a.id - b.id);
  return scored.slice(0, 5).map(({ id }) => id);
}

/** Levenshtein distance of two short texts; O(|a|·|b|). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

function listOf(labels: readonly string[], ids: readonly number[]): string {
  return ids.map((id) => `${labels[id].slice(0, 60)} (${id})`).join(', ');
}

function notFound(expected: string, got: string, advice = ''): CraftError {
  return new CraftError(
    'CLASS_NOT_FOUND',
    `class: expected ${expected}; got ${JSON.stringify(got.slice(0, 80))}${advice}`,
  );
}
