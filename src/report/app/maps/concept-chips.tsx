import { useRef } from 'preact/hooks';
import type { Concept } from '../../../craft/explanation.ts';
import { Swatch } from '../concepts/swatch.tsx';
import { useReport } from '../report-context.ts';

interface Props {
  ranked: readonly Concept[];
  shown: readonly number[];
  /** One concept at a time: a click shows it alone. */
  single: boolean;
  show(ids: number[]): void;
}

/** One toggle a concept; left and right move between them. */
export function ConceptChips({ ranked, shown, single, show }: Props) {
  const { labels } = useReport();
  const group = useRef<HTMLFieldSetElement>(null);
  const toggle = (id: number): void => {
    const rest = shown.filter((other) => other !== id);
    if (single) show([id]);
    else show(rest.length < shown.length ? rest : [...shown, id]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const chips = [...group.current!.querySelectorAll('button')];
    const next = chips.indexOf(event.target as HTMLButtonElement) + step;
    chips[(next + chips.length) % chips.length].focus();
  };
  return (
    <fieldset class="chips" ref={group} onKeyDown={onKeyDown}>
      <legend class="sr-only">Concepts shown on the images</legend>
      {ranked.map((concept) => (
        <button
          key={concept.id}
          type="button"
          class="chip"
          aria-pressed={shown.includes(concept.id)}
          onClick={() => toggle(concept.id)}
        >
          <Swatch id={concept.id} />
          <span class="chip-name">{labels.nameOf(concept)}</span>
        </button>
      ))}
    </fieldset>
  );
}
