// What is left of the machinery of mail in its text: bits of headers, boundaries, signatures, codes.

import { withMarks } from './mail-encodings.ts';

/** Lines that a mail program wrote and no person. */
const MACHINE_LINE =
  /^\s*(?:(?:content|x|list|resent)-[\w-]+|mime-version|message-id|received|return-path|errors-to|reply-to|in-reply-to|references|sender|from|to|cc|bcc|date|sent|subject|charset|boundary|hash|version|comment)\s*[:=].*$/gim;
/** Of a filter, and of a part that was not taken apart: `--Boundary_01--`, `pmguid:1dx.2pdp`. */
const FILTER_LINE = /^(?:SPAM:.*|\s*--\S{8,}|\s*[\w-]+:\S*\d\S*\.\S+)\s*$/gm;
const SIGNED = /-{5}BEGIN PGP SIGNED MESSAGE-{5}/g;
const SIGNATURE = /-{5}BEGIN PGP SIGNATURE-{5}[\s\S]*?(?:-{5}END PGP SIGNATURE-{5}|$)/g;
/** A word that is none: longer than any, or letters and digits by turns, as codes against filters are. */
const CODE = /(?<!\S)(?:\S{36,}|(?=[^\s\d]*\d+[^\sa-z]*[a-z]+[^\s\d]*\d)\S{9,})(?!\S)/gi;
/** Marks alone between spaces, which tags and addresses leave. */
const MARKS = /(?<!\S)[<>()[\]{}|*~=_^#\\/"-]+(?!\S)/g;

/** A mail's text without them. */
export function withoutScraps(text: string): string {
  return withApostrophes(withMarks(text))
    .replace(SIGNED, '')
    .replace(SIGNATURE, '')
    .replace(MACHINE_LINE, '')
    .replace(FILTER_LINE, '')
    .replace(CODE, ' ')
    .replace(MARKS, ' ');
}

/** What was lost inside a word was an apostrophe. */
function withApostrophes(text: string): string {
  return text.replace(/(?<=\p{L})\ufffd(?=(?:s|t|d|m|ll|re|ve)\b)/giu, '’').replaceAll('\ufffd', ' ');
}
