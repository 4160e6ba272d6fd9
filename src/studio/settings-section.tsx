import type { WebInspection } from '../web/messages.ts';
import { ClassField, NumberField } from './fields.tsx';
import type { Given } from './given.ts';
import { ImageFields, Preparation } from './image-fields.tsx';
import type { Settings } from './settings.ts';
import { TextFields } from './text-fields.tsx';

/** What is explained, and how. */
export function SettingsSection(props: {
  found: WebInspection | null;
  given: Given;
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}) {
  const { found, given, settings, change } = props;
  const { labels, images } = given;
  const readsText = found?.inspection.readsText ?? false;
  const [noun, many] = readsText
    ? ['Texts', '']
    : ['Images', images.length > 0 ? ` of ${images.length}` : ''];
  return (
    <section aria-labelledby="settings-title">
      <h2 id="settings-title">
        <span class="step">3</span> What to explain
      </h2>
      <div class="fields">
        <ClassField
          label="Class"
          classes={found?.inspection.classes ?? null}
          labels={labels}
          value={settings.class}
          change={(value) => change({ class: value })}
        />
        <NumberField
          label="Concepts"
          note="how many the class is explained by"
          least={1}
          most={100}
          value={settings.concepts}
          change={(concepts) => change({ concepts: concepts ?? 10 })}
        />
        <NumberField
          label={noun}
          note={`the first so many${many}; empty: all`}
          least={1}
          most={100_000}
          value={settings.limit}
          change={(limit) => change({ limit })}
        />
        {readsText ? (
          <TextFields labels={labels} settings={settings} change={change} />
        ) : (
          <ImageFields found={found} settings={settings} change={change} />
        )}
        <NumberField
          label="Seed"
          note="the same seed, the same result"
          least={0}
          most={Number.MAX_SAFE_INTEGER}
          value={settings.seed}
          change={(seed) => change({ seed: seed ?? 0 })}
        />
      </div>
      {!readsText && <Preparation found={found} settings={settings} change={change} />}
    </section>
  );
}
