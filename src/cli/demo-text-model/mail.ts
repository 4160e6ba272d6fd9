// The readable text of a mail as it was sent: subject and body, without headers, encodings and markup.
//
// What a mail says is kept, not how it was delivered: a classifier that sees headers learns the mail server.

import { decodeBase64, decodeQuotedPrintable, decodeWords, isQuotedPrintable } from './mail-encodings.ts';
import { textOfHtml, withoutTags } from './mail-html.ts';
import { withoutScraps } from './mail-scraps.ts';

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Parts inside parts: deeper ones are not read. */
const MAX_DEPTH = 4;
const MAX_PARTS = 50;

/** The first boundary of parts in a body that is not said to have any. */
const UNDECLARED = /^--([^\n"]{8,70}?)-{0,2}[ \t]*\nContent-Type:/im;

/** Enough for what a mail is about, and about what an encoder of 128 pieces reads. */
const MAX_CHARACTERS = 800;

/** Subject and beginning of the body, with one blank between words and a line break between paragraphs. */
export function mailText(raw: string): string {
  const mail = partOf(raw.replace(/\r\n?/g, '\n'));
  const subject = cleanSubject(withoutScraps(decodeWords(mail.headers.get('subject') ?? '')));
  const body = tidy(withoutScraps(withoutQuotes(withoutTags(readable(mail, 0)))));
  const ended = subject === '' || /[.!?:]$/.test(subject) ? subject : `${subject}.`;
  const text = [ended, body].filter((part) => part !== '').join('\n');
  if (text.length <= MAX_CHARACTERS) return text;
  const cut = text.slice(0, MAX_CHARACTERS);
  return cut.replace(/(?<=[.!?\n])[^.!?\n]*$/, '').trim(); // no half sentence at the end
}

/** Headers up to the first empty line, folded lines joined; names in lower case, the first of each counts. */
function partOf(raw: string): Part {
  const end = raw.indexOf('\n\n');
  const head = (end < 0 ? raw : raw.slice(0, end)).replace(/\n[ \t]+/g, ' ');
  const headers = new Map<string, string>();
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (/^[!-9;-~]+$/.test(name) && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: end < 0 ? '' : raw.slice(end + 2) };
}

/** Plain text of a part: the best of its alternatives, all of its other text parts; nothing of attachments. */
function readable({ headers, body }: Part, depth: number): string {
  const contentType = headers.get('content-type') ?? 'text/plain';
  const kind = (/^[\w/+.-]+/.exec(contentType)?.[0] ?? 'text/plain').toLowerCase();
  if (kind.startsWith('multipart/')) {
    const parts = depth < MAX_DEPTH ? partsOf(body, contentType) : [];
    const texts = parts.map((part) => readable(part, depth + 1)).filter((text) => text.trim() !== '');
    return kind === 'multipart/alternative' ? (texts[0] ?? '') : texts.join('\n\n');
  }
  if (!kind.startsWith('text')) return '';
  const mark = depth < MAX_DEPTH ? UNDECLARED.exec(body) : null;
  if (mark)
    return readable(
      { headers: new Map([['content-type', `multipart/alternative; boundary="${mark[1]}"`]]), body },
      depth + 1,
    );
  const text = decoded(body, headers.get('content-transfer-encoding') ?? '');
  // many spam mails call their HTML plain text
  return kind === 'text/html' || /<(html|body|table|font|br|p)\b/i.test(text) ? textOfHtml(text) : text;
}

function partsOf(body: string, contentType: string): Part[] {
  const boundary = /boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return [];
  return body
    .split(`--${mark}`)
    .slice(1, MAX_PARTS)
    .filter((part) => !part.startsWith('--'))
    .map((part) => partOf(part.replace(/^[ \t]*\n/, '')));
}

function decoded(body: string, encoding: string): string {
  const name = encoding.trim().toLowerCase();
  if (name === 'base64') return decodeBase64(body);
  return name === 'quoted-printable' || isQuotedPrintable(body) ? decodeQuotedPrintable(body) : body;
}

/** Without `Re:` and the tag of a mailing list, which say where a mail was sent and not what it is about. */
function cleanSubject(subject: string): string {
  return tidy(subject.replace(/^(\s*(re|fwd?|aw)\s*:|\s*\[[^\]]{1,40}\])+/i, ''));
}

/** Without what the mail answers, its signature, and the footer that a mailing list adds. */
function withoutQuotes(text: string): string {
  const [own] = text.split(/\n(?:-- ?|_{20,}|-{20,}) *\n(?=[\s\S]{0,1200}$)/, 1);
  return own
    .split('\n')
    .filter((line) => !/^\s*\w{0,4}[>|]/.test(line) && !/^On .{5,120} wrote:$/.test(line.trim()))
    .join('\n');
}

function tidy(text: string): string {
  return text
    .replace(/(?:https?:\/\/|www\.)\S+/gi, ' ')
    .replace(/[\w.+-]+@[\w-]+\.[\w.-]+/g, ' ')
    .replace(/([^\w\s])\1{3,}/g, '$1')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{2,}/g, '\u2029')
    .replace(/\n/g, ' ')
    .replace(/\u2029/g, '\n')
    .replace(/ {2,}/g, ' ')
    .trim();
}
