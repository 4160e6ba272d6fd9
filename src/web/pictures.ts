// The pictures of a report that is one file.

import type { Explanation } from '../craft/explanation.ts';
import { shownInputs } from '../store/shown-inputs.ts';

/** An explanation whose inputs carry what the page shows of them, as data: URLs. It is for the page only. */
export async function withPictures(
  explanation: Explanation,
  images: { picture(name: string): Promise<Blob> },
): Promise<Explanation> {
  const items = explanation.inputs.items.map((item) => ({ ...item }));
  for (const n of shownInputs(explanation))
    items[n].image = await dataUrl(await images.picture(items[n].name));
  return { ...explanation, inputs: { ...explanation.inputs, items } };
}

/** `data:image/jpeg;base64,…` */
async function dataUrl(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte));
  return `data:${blob.type};base64,${btoa(characters.join(''))}`;
}
