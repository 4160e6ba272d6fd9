import type { PlainConcept } from '../../../craft/concept-schema.ts';
import { usePage } from '../report-context.ts';
import { baseName } from '../words/names.ts';
import { fixed } from '../words/numbers.ts';
import { Picture } from './picture.tsx';

interface CropProps {
  concept: PlainConcept;
  index: number;
  /** Of the concept, for a reader. */
  name: string;
  /** As in `View`. */
  title?: string;
  largest?: number;
}

/** One of a concept's best crops: the image, moved and enlarged so that the box fills the button. */
export function Crop({ concept, index, name: of, title, largest }: CropProps) {
  const { explanation, open } = usePage();
  const { input, box, value } = concept.bestRows[index];
  const { width, height } = explanation.preprocess;
  const item = explanation.inputs.items[input];
  const name = item ? baseName(item.name) : `input ${input}`;
  const across = 100 / Math.max(1, box.width);
  const down = 100 / Math.max(1, box.height);
  const place = {
    '--width': `${width * across}%`,
    '--height': `${height * down}%`,
    '--left': `${-box.x * across}%`,
    '--top': `${-box.y * down}%`,
  };
  return (
    <button
      type="button"
      class="crop"
      title={`${name}, value ${fixed(value)}`}
      aria-label={`Best crop ${index + 1} of ${of}, from ${name}, value ${fixed(value)}: show in its image`}
      onClick={() => open({ kind: 'crop', concept, index, title, largest })}
    >
      <span class="crop-place" style={place}>
        <Picture input={input} alt="" />
      </span>
    </button>
  );
}
