import type { ComponentChildren } from 'preact';
import type { AnyConcept } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { baseName, className, shorten } from '../words/names.ts';
import { inputNoun, isText } from '../words/nouns.ts';
import { fixed } from '../words/numbers.ts';
import { LocalConcepts } from './local-concepts.tsx';
import { PageNav } from './page-nav.tsx';

interface Props {
  input: number;
  ranked: readonly AnyConcept[];
  /** The input itself. */
  view: ComponentChildren;
}

/** All of one input. */
export function InputPage({ input, ranked, view }: Props) {
  const { explanation } = useRun();
  const { items } = explanation.inputs;
  const { name, predicted, logit } = items[input];
  const noun = inputNoun(explanation) as 'image' | 'text';
  const label = isText(explanation) ? explanation.inputs.items[input].label : null;
  return (
    <article class="sub-page">
      <PageNav
        back={input > 0 ? inputLink(input - 1) : null}
        on={input + 1 < items.length ? inputLink(input + 1) : null}
        what={noun}
      />
      <h1 id="page-title" tabIndex={-1} dir="auto" title={name}>
        {shorten(baseName(name), 80)}
      </h1>
      <p class="sub-page-head">
        The model says <strong>{shorten(predicted.label, 48)}</strong>
        {predicted.id !== explanation.class.id && <span class="other"> (another class)</span>}
        {label !== null && <>, the file says {shorten(label, 48)}</>}. Score of {className(explanation)}{' '}
        {fixed(logit)}.
      </p>
      <div class={`input-page input-page-${noun}`}>
        {view}
        <LocalConcepts input={input} ranked={ranked} />
      </div>
    </article>
  );
}
