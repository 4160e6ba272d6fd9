import { describe, expect, it } from 'vitest';
import { readCorpus, splitCorpus } from './corpus.ts';
import { mailText } from './mail.ts';

const mail = (headers: string, body: string) => `${headers}\n\n${body}`;

describe('mailText', () => {
  it('is the subject and the body, without lists, quotes, addresses and signatures', () => {
    const raw = mail(
      'From: a@b.c\nSubject: Re: [ILUG] A kernel\n question',
      'On Monday, Bob wrote:\n> the old text\nDoes it boot?\nSee http://x.y/z or ask me@home.org.\n\n-- \nAlice, Ltd.\n',
    );
    expect(mailText(raw)).toBe('A kernel question.\nDoes it boot? See or ask');
  });

  it('reads HTML as a reader does, also where it is called plain text', () => {
    const html =
      '<html><head><style>p {}</style></head><body><p>Lower&nbsp;your r<b>at</b>es!<br>Caf&eacute; &#8364;5<!-- hidden --></body></html>';
    for (const kind of ['text/html', 'text/plain']) {
      expect(mailText(mail(`Content-Type: ${kind}`, html))).toBe('Lower your rates!\nCafé €5');
    }
  });

  it('decodes base64, quoted-printable and the words of headers', () => {
    const base64 = Buffer.from('Only today.').toString('base64');
    expect(mailText(mail('Content-Transfer-Encoding: base64', base64))).toBe('Only today.');
    expect(mailText(mail('Content-Transfer-Encoding: quoted-printable', 'caf=C3=A9 na=EFve =\nline.'))).toBe(
      'café naïve line.',
    );
    expect(mailText(mail('Subject: =?utf-8?Q?Fr=C3=A9e_cash?= =?utf-8?B?IQ==?=', 'Now.'))).toBe(
      'Frée cash!\nNow.',
    );
  });

  it('takes the text of a multipart mail and no attachment', () => {
    const parts = [
      '--x\nContent-Type: text/plain\n\nThe text.\n',
      '--x\nContent-Type: text/html\n\n<p>The same.</p>\n',
      '--x\nContent-Type: image/png\n\niVBOR\n--x--',
    ].join('');
    expect(mailText(mail('Content-Type: multipart/alternative; boundary="x"', parts))).toBe('The text.');
  });

  it('reads what is not declared: encoded lines, parts, tags, entities, marks of Windows', () => {
    const encoded = mail('Subject: Deal', 'Only =\ntoday=2E It=20is =\nfree.');
    expect(mailText(encoded)).toBe('Deal.\nOnly today. It is free.');
    const parts =
      'Not for old readers.\n--=_NextPart_01\nContent-Type: text/plain\n\nThe text.\n--=_NextPart_01--\n';
    expect(mailText(mail('Subject: Parts', parts))).toBe('Parts.\nThe text.');
    const plain =
      'Call <a href=" target="_">us</ a> &#8220;now&#8221; \u0096 don\u0092t wait, it\ufffds late.';
    expect(mailText(mail('', plain))).toBe('Call us “now” – don’t wait, it’s late.');
  });

  it('drops what no person wrote: header lines, boundaries, codes, signatures of programs, lists to choose from', () => {
    const body = [
      '-----BEGIN PGP SIGNED MESSAGE-----',
      'Hash: SHA1',
      'Content-Type: text/plain; charset="us-ascii"',
      'Win now 4139YAEk3--9 with 1990s and 3-D films.',
      '--DeathToSpamDeathToSpamDeathToSpam--',
      '-----BEGIN PGP SIGNATURE-----',
      'iD8DBQE9mK24oayJfLoDSdIRAs21AKDYeoDg',
      '-----END PGP SIGNATURE-----',
    ].join('\n');
    expect(mailText(mail('Subject: Win 9652cYUh7-164RdH-15', body))).toBe(
      'Win.\nWin now with 1990s and 3-D films.',
    );
    const list =
      '<html><body>State: <select><option>Alabama<option value=2>Alaska</select> Go!</body></html>';
    expect(mailText(mail('', list))).toBe('State: Go!');
  });

  it.each([
    ['nothing', ''],
    ['no header', '\n\n'],
    ['half a header', 'Subject'],
    ['no part', 'Content-Type: multipart/mixed; boundary=x\n\n--x'],
    ['open tags', '<'.repeat(50_000)],
    ['half tags', mail('', '<a '.repeat(50_000))],
    ['a word that never ends', mail('', 'a1'.repeat(50_000))],
    ['boundaries without parts', mail('', '--abcdefgh\n'.repeat(5000))],
  ])('takes %s', (_, raw) => {
    expect(typeof mailText(raw)).toBe('string');
  });

  it('ends with a whole sentence where it is cut', () => {
    const text = mailText(mail('Subject: Long', 'This is one sentence. '.repeat(100)));
    expect(text.length).toBeLessThanOrEqual(800);
    expect(text.endsWith('This is one sentence.')).toBe(true);
  });
});

describe('readCorpus', () => {
  const line = (id: string, group: string, body: string) =>
    JSON.stringify({ id, group, text: mail('Subject: Hello', body) });
  const long = 'This is a mail with enough words to be read by anybody who wants to.';

  it('leaves out repeats, short mails and other scripts', () => {
    const mails = readCorpus(
      [
        line('1', 'easy-ham-1', long),
        line('2', 'spam-1', `${long.replace('mail', 'MAIL')} 17!`),
        line('3', 'spam-1', 'Short.'),
        line('4', 'spam-2', 'Привет, как дела? Сегодня только у нас большие скидки на всё.'),
        line('5', 'spam-2', `Another ${long}`),
        line(
          '6',
          'spam-2',
          'Votre voisin et les amis de la ville ne sont pas des enfants, que dit le maire ?',
        ),
      ].join('\n'),
    );
    expect(mails.map(({ id, label }) => [id, label])).toEqual([
      ['easy-ham-1/1', 0],
      ['spam-2/5', 1],
    ]);
  });

  it('splits by class, the same for the same seed, nothing in both parts', () => {
    const mails = Array.from({ length: 40 }, (_, i) => ({
      id: String(i),
      text: '',
      label: (i % 2) as 0 | 1,
    }));
    const split = splitCorpus(mails, { perClass: 5, most: 10, seed: 1 });
    expect(split).toEqual(splitCorpus(mails, { perClass: 5, most: 10, seed: 1 }));
    expect(split.heldOut.map(({ label }) => label)).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    expect(split.train).toHaveLength(20);
    expect(new Set([...split.train, ...split.heldOut]).size).toBe(30);
  });
});
