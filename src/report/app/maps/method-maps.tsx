import { useMemo } from 'preact/hooks';
import { useReport } from '../report-context.ts';
import { inputLink } from '../route.ts';
import { methodName, methodWords } from '../words/map-methods.ts';
import { baseName } from '../words/names.ts';
import type { ConceptMaps } from './concept-maps.ts';
import { MapStack } from './map-stack.tsx';

/** Example images that are shown. */
const SHOWN = 4;

/** One concept on the images where it is strongest, by every method that the page has maps of. */
export function MethodMaps({ id }: { id: number }) {
  const { choices, explanation } = useReport();
  const examples = useMemo(() => (choices[0] ? strongest(choices[0].maps, id) : []), [choices, id]);
  if (examples.length === 0) return null;
  return (
    <section>
      <h2>Where it is in the images</h2>
      <p class="muted">
        The examples with most of it
        {choices.length > 1 &&
          ', by each method; where methods that look at pixels agree, trust the place more'}
        .
      </p>
      {choices.map(({ method, maps }) => (
        <div key={method} class="example-group">
          <h3>{methodName(method)}</h3>
          <p class="muted">{methodWords(method, maps.h, maps.w)}</p>
          <ul class="method-maps">
            {examples.map((example) => (
              <li key={example}>
                <a href={inputLink(maps.inputs[example])}>
                  <MapStack
                    maps={maps}
                    example={example}
                    look={{ shown: [id], opacity: 100, smooth: true, cells: false }}
                    detail={192}
                    alt={`${methodName(method)} on ${baseName(explanation.inputs.items[maps.inputs[example]].name)}`}
                  />
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

/** Examples by the concept's largest value, those without it left out. */
function strongest(maps: ConceptMaps, id: number): number[] {
  const peaks = maps.inputs.map((_, example) =>
    maps.of(example, id).reduce((most, v) => Math.max(most, v), 0),
  );
  return [...peaks.keys()]
    .filter((example) => peaks[example] > 0)
    .sort((a, b) => peaks[b] - peaks[a] || a - b)
    .slice(0, SHOWN);
}
