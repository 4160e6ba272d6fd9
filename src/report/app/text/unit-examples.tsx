import type { TextConcept } from '../../../craft/text/text-explanation.ts';
import type { ExamplesProps } from '../pages/examples-props.ts';
import { UnitQuote } from './unit-quote.tsx';

/** Rows of U as units in their texts. */
export function UnitExamples({ concept, examples }: ExamplesProps) {
  const units = examples as TextConcept['bestUnits'];
  return (
    <div class="units">
      {units.map((unit) => (
        <UnitQuote key={unit.row} concept={concept as TextConcept} unit={unit} />
      ))}
    </div>
  );
}
