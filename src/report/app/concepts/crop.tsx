import type { PlainConcept } from '../../../craft/concept-schema.ts';
import { useReport } from '../report-context.ts';
import { baseName } from '../words/names.ts';
import { fixed } from '../words/numbers.ts';
import { Picture } from './picture.tsx';

interface CropProps {
  concept: PlainConcept;
  index: number;
  /** Of a sub-concept; a concept has that of its label. */
  name?: string;
  /** Of the concept, if its first crop has not the largest value. */
  largest?: number;
}

/** One of a concept's best crops: the image, moved and enlarged so that the box fills the button. */
export function Crop({ concept, index, name: given, largest }: CropProps) {
  const { explanation, labels, open } = useReport();
  const of = given ?? labels.nameOf(concept);
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
      onClick={() => open({ kind: 'crop', concept, index, name: given, largest })}
    >
      <span class="crop-place" style={place}>
        <Picture input={input} alt="" />
      </span>
    </button>
  );
}
