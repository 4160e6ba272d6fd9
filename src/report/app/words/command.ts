import type { Explanation } from '../../../craft/explanation.ts';

/** The command line that repeats the run, quoted for a POSIX shell. */
export function commandOf({ model, inputs, class: target, layer, settings }: Explanation): string {
  const flags: [string, string | number | null][] = [
    ['class', target.id],
    ['layer', layer.tensor],
    ['concepts', settings.numberOfConcepts],
    ['rows', settings.rows],
    ['patch-size', settings.rows === 'crops' ? settings.patchSize : null],
    ['nb-design', settings.nbDesign],
    ['seed', settings.seed],
    ['limit', settings.limit],
    ['out', 'DIR'],
  ];
  const options = flags
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `--${name} ${quote(value!)}`);
  return `craft-xai explain ${quote(model.name)} ${quote(inputs.source)} ${options.join(' ')}`;
}

function quote(value: string | number): string {
  const text = String(value);
  return /^[\w./:@%+=-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
