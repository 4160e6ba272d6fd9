import { useEffect, useMemo } from 'preact/hooks';
import type { Tried } from '../web/try-job.ts';

interface Props {
  tried: Tried;
  /** Of the file. */
  name: string;
  /** Of the class explained. */
  label: string;
}

/** An image with the score of the class, and each concept with what it does to it. */
export function TriedImage({ tried, name, label }: Props) {
  const { logit, rebuilt, predicted, concepts, picture } = tried;
  const url = useMemo(() => URL.createObjectURL(picture), [picture]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const order = [...concepts.keys()].sort((a, b) => concepts[b].importance - concepts[a].importance || a - b);
  return (
    <div class="tried">
      <figure>
        <img src={url} alt={`${name}, as the model saw it`} />
        <figcaption class="muted">{name}</figcaption>
      </figure>
      <div>
        <p>
          The model says <strong>{predicted.label}</strong>, with a score of {signed(predicted.logit)}. Score
          of {label}: {signed(logit)}; from the concepts alone {signed(rebuilt)}.
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that the keyboard must get there */}
        <section class="table-scroll" tabIndex={0} aria-label={`Concepts of ${name}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Concept</th>
                <th scope="col">Importance here</th>
                <th scope="col">Moves the score by</th>
              </tr>
            </thead>
            <tbody>
              {order.map((id) => (
                <tr key={id}>
                  <th scope="row">Concept {id + 1}</th>
                  <td>
                    <meter aria-hidden="true" min={0} max={1} value={concepts[id].importance} />{' '}
                    {concepts[id].importance.toFixed(2)}
                  </td>
                  <td>{effectText(concepts[id].effect)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </div>
  );
}

/** '▲ +1.80' for the class, '▼ −2.76' against it. */
function effectText(effect: number): string {
  const text = signed(effect);
  if (Number(text) === 0) return text;
  return effect > 0 ? `▲ +${text}` : `▼ ${text}`;
}

/** Two decimals, with a true minus sign and none at 0. */
function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}
