import { signed } from '../words/numbers.ts';
import { direction } from '../words/verdict.ts';

const marks = { for: '▲', against: '▼', none: '◆' };
const words = { for: 'for', against: 'against', none: 'neither' };

/** Which way a concept moves the score, as a mark, a word and a number. */
export function Effect({ effect, number = true }: { effect: number; number?: boolean }) {
  const way = direction(effect);
  return (
    <span class={`effect effect-${way}`}>
      <span aria-hidden="true">{marks[way]}</span> {words[way]}
      {number && <span class="effect-number"> {signed(effect)}</span>}
    </span>
  );
}
