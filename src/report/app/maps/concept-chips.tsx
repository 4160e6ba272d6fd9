import { useRef } from 'preact/hooks';
import type { AnyConcept } from '../../report-data.ts';
import { Swatch } from '../concepts/swatch.tsx';
import { useRun } from '../report-context.ts';

interface Props {
  ranked: readonly AnyConcept[];
  shown: readonly number[];
  /** One concept at a time: a click shows it alone. */
  single: boolean;
  show(ids: number[]): void;
  /** Of the group, for a screen reader. */
  legend?: string;
}

/** One toggle a concept; left and right move between them. */
export function ConceptChips({
  ranked,
  shown,
  single,
  show,
  legend = 'Concepts shown on the images',
}: Props) {
  const { labels } = useRun();
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
      <legend class="sr-only">{legend}</legend>
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
