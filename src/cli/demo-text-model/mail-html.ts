// The words that a reader sees of an HTML mail. Not a parser: markup of spam is broken on purpose.

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: ' ',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  bull: '•',
  pound: '£',
  euro: '€',
  cent: '¢',
  frac12: '½',
  middot: '·',
  deg: '°',
  laquo: '«',
  raquo: '»',
};

/** Tags that end a line; others end nothing, not even a word. */
const BREAKS =
  /<\/?(?:address|article|blockquote|body|br|center|dd|div|dl|dt|form|h[1-6]|hr|html|li|ol|option|p|pre|section|table|td|th|title|tr|ul)\b[^>]{0,2000}>/gi;

/** A tag, or one that is not closed before the next or the end of its line; a space after `</` is a slip of many. */
const TAG = /<\/?\s*[a-z!][^<>]{0,2000}>|<\/?(?:a|img|font|td|tr|table|body|input|form)\b[^<>\n]{0,2000}/gi;

/** A text without the tags that are in it and with its entities read, though it is called plain. */
export function withoutTags(text: string): string {
  return withCharacters(text.replace(TAG, ' '));
}

/** Plain text of HTML; block elements stand in paragraphs of their own. What can be chosen from a list is no text. */
export function textOfHtml(html: string): string {
  const text = html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(/<(script|style|head)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, '')
    .replace(/<option\b[^>]{0,2000}>[^<]*/gi, ' ')
    .replace(/\s+/g, ' ')
    .replace(BREAKS, '\n\n')
    .replace(TAG, '');
  return withCharacters(text);
}

/** Entities as the characters that they stand for. */
function withCharacters(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,8}));?/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? accented(name) ?? all;
    return character(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

const ACCENTS: Readonly<Record<string, string>> = {
  grave: '\u0300',
  acute: '\u0301',
  circ: '\u0302',
  tilde: '\u0303',
  uml: '\u0308',
  ring: '\u030a',
  cedil: '\u0327',
};

/** The letter of an entity such as `eacute`; undefined if it is none. */
function accented(name: string): string | undefined {
  const accent = ACCENTS[name.slice(1).toLowerCase()];
  return accent === undefined ? undefined : (name[0] + accent).normalize('NFC');
}

function character(code: number): string {
  const isText = code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  return isText ? String.fromCodePoint(code) : ' ';
}
