import type { WebInspection } from '../web/messages.ts';
import { ChoiceField, NumberField } from './fields.tsx';
import type { Settings } from './settings.ts';
import { inStudioWords } from './studio-words.ts';

interface Props {
  readonly found: WebInspection | null;
  readonly settings: Settings;
  readonly change: (part: Partial<Settings>) => void;
}

/** What only models of images are asked. */
export function ImageFields({ found, settings, change }: Props) {
  const preprocess = found?.preprocess ?? null;
  const side = preprocess ? Math.min(preprocess.width, preprocess.height) : 16384;
  return (
    <>
      <ChoiceField
        label="Rows"
        note="what concepts are found in"
        options={{ crops: 'crops of the images', dense: 'every place of whole images' }}
        value={settings.rows}
        change={(rows) => change({ rows })}
      />
      <NumberField
        label="Side of a crop"
        note="in pixels of the model’s input"
        least={1}
        most={side}
        value={settings.patchSize}
        change={(patchSize) => change({ patchSize: patchSize ?? 64 })}
      />
    </>
  );
}

/** How images become what the model reads: a wrong guess makes every result wrong, so it is in sight. */
export function Preparation({ found, settings, change }: Props) {
  const notes = found?.preprocess?.notes ?? [];
  return (
    <details open>
      <summary>How images are prepared{notes.length > 0 ? ' (guessed)' : ''}</summary>
      <div class="fields">
        <ChoiceField
          label="Pixel values"
          note="before the model sees them"
          options={{
            guess: 'as known or guessed',
            imagenet: 'mean and deviation of ImageNet',
            unit: 'from 0 to 1',
            symmetric: 'from −1 to 1',
          }}
          value={settings.scaling}
          change={(scaling) => change({ scaling })}
        />
        <ChoiceField
          label="Size"
          note="to the model’s input"
          options={{
            guess: 'as known or guessed',
            stretch: 'stretched',
            'shortest-edge': 'shape kept, centre cut out',
            squash: 'stretched, centre cut out',
          }}
          value={settings.resizeMode}
          change={(resizeMode) => change({ resizeMode })}
        />
      </div>
      <ul class="notes">
        {notes.map((note) => (
          <li key={note}>{inStudioWords(note)}</li>
        ))}
      </ul>
      {'gpu' in navigator && (
        <label class="check">
          <input
            type="checkbox"
            checked={settings.useGpu}
            onChange={({ currentTarget }) => change({ useGpu: currentTarget.checked })}
          />
          Use WebGPU, if its numbers are those of WebAssembly on one sample
        </label>
      )}
    </details>
  );
}
