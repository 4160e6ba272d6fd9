import type { Concept } from '../../../craft/explanation.ts';
import { Crop } from '../concepts/crop.tsx';
import type { ExamplesProps } from './examples-props.ts';

/** Rows of U as crops, each with a way to its image. */
export function CropExamples({ concept, examples, name }: ExamplesProps) {
  const { bestRows } = concept as Concept;
  const shown = { ...concept, bestRows: examples } as Concept;
  return (
    <div class="crops">
      {shown.bestRows.map((row, index) => (
        <Crop key={row.row} concept={shown} index={index} name={name} largest={bestRows[0]?.value} />
      ))}
    </div>
  );
}
