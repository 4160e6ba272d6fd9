// What the library says for the command line, as the studio says it: it has fields and drops in place of options.

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/Change it with --resize\./, 'Change it under “Size”.'],
  [
    /Change it with --rescale, --mean and --std, or put the preprocessor_config\.json of the model beside it\./,
    'Change it under “Pixel values”, or drop the model’s preprocessor_config.json too.',
  ],
  [/ Change it with --size\./, ''],
  [/ \(or pass --labels\)/, ' – or drop a labels.txt too'],
  [/: pass --labels with one name for each class/, ' – drop a labels.txt with one name for each class'],
  [/name one with --layer/, 'the studio needs one; the command craft-xai explain takes any with --layer'],
  [/use fewer texts \(--limit\)/, 'use fewer texts'],
  [/ – name it with --text-column/, ' – name it under “Column of the texts”'],
  [/--encoding: /, 'encoding: '],
  [/: pass --encoding, such as windows-1252\./, ': save the file as UTF-8.'],
  [/ – say what it is with --format/, ''],
  [/, or pass the right --delimiter/, ''],
];

/** A note or an error in the studio's own words. */
export function inStudioWords(text: string): string {
  return WORDS.reduce((said, [theirs, ours]) => said.replace(theirs, ours), text);
}
