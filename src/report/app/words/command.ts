import type { Explanation } from '../../../craft/explanation.ts';
import type { TextExplanation } from '../../../craft/text/text-explanation.ts';

/** `true`: a switch. */
type Flag = [name: string, value: string | number | true | null];

/** The command line that repeats the run, quoted for a POSIX shell. */
export function commandOf(explanation: Explanation): string {
  const { model, inputs, class: target, layer, settings, concepts, robustness } = explanation;
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
    ['recursive', concepts.some(({ split }) => split) || null],
    ['evaluate', robustness !== undefined || null],
    ...preprocessFlags(explanation),
    ['out', 'DIR'],
  ];
  return `craft-xai explain ${quote(model.name)} ${quote(inputs.source)} ${optionsOf(flags)}`;
}

/** As {@link commandOf}, of a run on texts. */
export function textCommandOf({ model, inputs, class: target, layer, settings }: TextExplanation): string {
  const unless = (value: string, usual: string): string | null => (value === usual ? null : value);
  const flags: Flag[] = [
    ['class', target.id],
    ['layer', layer.tensor],
    ['concepts', settings.concepts],
    ['units', settings.units],
    ['nb-design', settings.nbDesign],
    ['seed', settings.seed],
    ['sampler', unless(settings.sampler, 'sobol')],
    ['factorizer', unless(settings.factorizer, 'auto')],
    ['compare', settings.compare],
    ['limit', settings.limit],
    ['out', 'DIR'],
  ];
  return `craft-xai explain ${quote(model.name)} ${quote(inputs.source)} ${optionsOf(flags)}`;
}

const optionsOf = (flags: readonly Flag[]): string =>
  flags
    .filter(([, value]) => value !== null)
    .map(([name, value]) => (value === true ? `--${name}` : `--${name} ${quote(value!)}`))
    .join(' ');

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
