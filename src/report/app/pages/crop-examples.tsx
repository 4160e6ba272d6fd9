import { useMemo } from 'preact/hooks';
import type { Concept } from '../../../craft/explanation.ts';
import { Crops } from '../concepts/crops.tsx';
import type { ExamplesProps } from './examples-props.ts';

/** Rows of U as crops, each with a way to its image. */
export function CropExamples({ concept, examples, name }: ExamplesProps) {
  const { bestRows } = concept as Concept;
  const shown = useMemo(() => ({ ...concept, bestRows: examples }) as Concept, [concept, examples]);
  return <Crops concept={shown} name={name} title={name} largest={bestRows[0]?.value} />;
}
