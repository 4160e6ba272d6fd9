// Examples that `craft-xai serve` offers from the cache of `craft-xai demo`. A page that is hosted elsewhere has none.

import { useEffect, useState } from 'preact/hooks';
import * as v from 'valibot';
import type { Settings } from './settings.ts';

const ExampleSchema = v.object({
  title: v.string(),
  /** Relative to the page: model, class names, images or texts. */
  files: v.array(v.pipe(v.string(), v.regex(/^demo\/[\w./-]+$/))),
  class: v.string(),
  /** Default: the suggested one. */
  layer: v.optional(v.string()),
  settings: v.partial(
    v.object({
      concepts: v.number(),
      limit: v.number(),
      rows: v.picklist(['crops', 'dense']),
      patchSize: v.number(),
      resizeMode: v.picklist(['stretch', 'shortest-edge', 'squash']),
      compare: v.string(),
    }),
  ),
});

type Example = v.InferOutput<typeof ExampleSchema>;

/** An example with its files as they came: another model that is given later is not of it. */
export type ChosenExample = Example & { readonly blobs: readonly Blob[] };

export function useExamples(): readonly Example[] {
  const [examples, setExamples] = useState<readonly Example[]>([]);
  useEffect(() => {
    fetch('demo/examples.json')
      .then(async (response) => (response.ok ? response.json() : []))
      .then((list) => setExamples(v.parse(v.array(ExampleSchema), list)))
      .catch(() => setExamples([])); // none are offered here
  }, []);
  return examples;
}

export function settingsOf(example: Example): Partial<Settings> {
  return { class: example.class, ...example.settings };
}
