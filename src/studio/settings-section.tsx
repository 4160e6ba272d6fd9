import type { WebInspection } from '../web/messages.ts';
import { ChoiceField, Field, NumberField } from './fields.tsx';
import type { Settings } from './settings.ts';

type Change = (part: Partial<Settings>) => void;

/** What is explained, and how. */
export function SettingsSection(props: {
  found: WebInspection | null;
  labels: readonly string[] | null;
  images: number;
  settings: Settings;
  change: Change;
}) {
  const { found, labels, images, settings, change } = props;
  const side = found ? Math.min(found.preprocess.width, found.preprocess.height) : 16384;
  return (
    <section aria-labelledby="settings-title">
      <h2 id="settings-title">
        <span class="step">3</span> What to explain
      </h2>
      <div class="fields">
        <ClassField found={found} labels={labels} settings={settings} change={change} />
        <NumberField
          label="Concepts"
          note="how many the class is explained by"
          least={1}
          most={100}
          value={settings.concepts}
          change={(concepts) => change({ concepts: concepts ?? 10 })}
        />
        <NumberField
          label="Images"
          note={images > 0 ? `the first so many of ${images}; empty: all` : 'the first so many; empty: all'}
          least={1}
          most={100_000}
          value={settings.limit}
          change={(limit) => change({ limit })}
        />
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
        <NumberField
          label="Seed"
          note="the same seed, the same result"
          least={0}
          most={Number.MAX_SAFE_INTEGER}
          value={settings.seed}
          change={(seed) => change({ seed: seed ?? 0 })}
        />
      </div>
      <Preparation found={found} settings={settings} change={change} />
    </section>
  );
}

function ClassField(props: {
  found: WebInspection | null;
  labels: readonly string[] | null;
  settings: Settings;
  change: Change;
}) {
  const { found, labels, settings, change } = props;
  const classes = found?.inspection.classes ?? null;
  const note = labels ? 'a name or an id' : `an id${classes === null ? '' : ` from 0 to ${classes - 1}`}`;
  const control = (ids: object) => (
    <input
      {...ids}
      type="text"
      list="class-names"
      autocomplete="off"
      spellcheck={false}
      value={settings.class}
      onInput={({ currentTarget }) => change({ class: currentTarget.value })}
    />
  );
  return (
    <>
      <Field label="Class" note={note} control={control} />
      <datalist id="class-names">
        {labels?.map((label, id) => (
          <option key={`${id} ${label}`} value={label} />
        ))}
      </datalist>
    </>
  );
}

/** How images become what the model reads: a wrong guess makes every result wrong, so it is in sight. */
function Preparation({
  found,
  settings,
  change,
}: {
  found: WebInspection | null;
  settings: Settings;
  change: Change;
}) {
  const notes = found?.preprocess.notes ?? [];
  return (
    <details open={notes.length > 0}>
      <summary>How images are prepared{notes.length > 0 ? ' (guessed)' : ''}</summary>
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
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
