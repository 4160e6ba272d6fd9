import type { Explanation } from '../../../craft/explanation.ts';

type Flag = [name: string, value: string | number | null];

/** The command line that repeats the run, quoted for a POSIX shell. */
export function commandOf(explanation: Explanation): string {
  const { model, inputs, class: target, layer, settings } = explanation;
  const flags: Flag[] = [
    ['class', target.id],
    ['layer', layer.tensor],
    ['concepts', settings.numberOfConcepts],
    ['rows', settings.rows],
    ['patch-size', settings.rows === 'crops' ? settings.patchSize : null],
    ['nb-design', settings.nbDesign],
    ['seed', settings.seed],
    ['sampler', settings.sampler === 'sobol' ? null : settings.sampler],
    ['factorizer', settings.factorizer === 'auto' ? null : settings.factorizer],
    ['limit', settings.limit],
    ...preprocessFlags(explanation),
    ['out', 'DIR'],
  ];
  const options = flags
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `--${name} ${quote(value!)}`);
  return `craft-xai explain ${quote(model.name)} ${quote(inputs.source)} ${options.join(' ')}`;
}

/** Only what the caller set: a file beside the model, and a guess, are found again. */
function preprocessFlags({ preprocess: p }: Explanation): Flag[] {
  if (p.origin !== 'caller') return [];
  return [
    ['size', `${p.width}x${p.height}`],
    ['resize', p.resizeMode],
    ['rescale', p.rescale],
    ['mean', p.mean.join(',')],
    ['std', p.std.join(',')],
    ['channels', p.channelOrder],
  ];
}

function quote(value: string | number): string {
  const text = String(value);
  return /^[\w./:@%+=,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
