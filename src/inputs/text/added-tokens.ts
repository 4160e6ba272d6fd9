// Tokens that are added to a vocabulary: they are found in the text before anything else is done to it.

import type { AddedToken } from './tokenizers-library.ts';

/** A stretch of a text: an added token, or text between two. */
export interface Section {
  readonly start: number;
  readonly end: number;
  /** null for text. */
  readonly token: AddedToken | null;
}

/** Parts a text at the tokens, the longest first where several start at one place; spaces as the tokens ask. */
export type Splitter = (text: string) => Section[];

/** @param tokens - by the spelling that is looked for. */
export function splitterOf(tokens: ReadonlyMap<string, AddedToken>): Splitter {
  const spellings = [...tokens.keys()].filter((s) => s !== '').sort((a, b) => b.length - a.length);
  if (spellings.length === 0) return (text) => [{ start: 0, end: text.length, token: null }];
  const pattern = new RegExp(spellings.map((s) => s.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => {
    const sections: Section[] = [];
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      if (match.index > at) sections.push({ start: at, end: match.index, token: null });
      at = match.index + match[0].length;
      sections.push({ start: match.index, end: at, token: tokens.get(match[0]) ?? null });
    }
    if (at < text.length) sections.push({ start: at, end: text.length, token: null });
    return sections.map((section, i) => stripped(text, section, sections[i - 1], sections[i + 1]));
  };
}

/** Text without the white space that a token beside it takes to itself. */
function stripped(text: string, section: Section, before?: Section, after?: Section): Section {
  if (section.token) return section;
  let { start, end } = section;
  if (after?.token?.lstrip) end = start + text.slice(start, end).trimEnd().length;
  if (before?.token?.rstrip) start = end - text.slice(start, end).trimStart().length;
  return { start, end, token: null };
}
