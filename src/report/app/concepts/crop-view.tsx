import { useReport, type View } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { className, shorten } from '../words/names.ts';
import { fixed, percent } from '../words/numbers.ts';
import { Picture } from './picture.tsx';
import { Swatch } from './swatch.tsx';

/** A best crop in its image: the box outlined, the rest dimmed. */
export function CropView({ view }: { view: Extract<View, { kind: 'crop' }> }) {
  const { explanation, labels } = useReport();
  const { concept, index, title } = view;
  const { input, box, value } = concept.bestRows[index];
  const { width, height } = explanation.preprocess;
  const item = explanation.inputs.items[input];
  const name = item?.name ?? `input ${input}`;
  const largest = view.largest ?? concept.bestRows[0].value;
  const place = {
    left: `${(100 * box.x) / width}%`,
    top: `${(100 * box.y) / height}%`,
    width: `${(100 * box.width) / width}%`,
    height: `${(100 * box.height) / height}%`,
  };
  return (
    <>
      <h2 id="lightbox-title" tabIndex={-1} class="lightbox-title">
        {title === undefined && <Swatch id={concept.id} />} {title ?? labels.nameOf(concept)}
        <span class="fact-second">
          crop {index + 1} of {concept.bestRows.length}
        </span>
      </h2>
      <div class="frame" style={{ aspectRatio: `${width} / ${height}`, '--ratio': width / height }}>
        <Picture input={input} alt={`${name}, as the model saw it; the crop is outlined`} />
        <span class="box" style={place} aria-hidden="true" />
      </div>
      <p class="lightbox-name">
        <a href={inputLink(input)} title="All of this image’s concepts">
          {name}
        </a>
      </p>
      <p class="lightbox-note">
        Value {fixed(value)}, {percent(largest > 0 ? value / largest : 0)} of this concept’s largest. Box{' '}
        {box.width} × {box.height} pixels at ({box.x}, {box.y}).{' '}
        {item && (
          <>
            The model says {shorten(item.predicted.label, 48)}; score of {className(explanation)}{' '}
            {fixed(item.logit)}.
          </>
        )}
      </p>
    </>
  );
}
