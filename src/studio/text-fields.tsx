import { ChoiceField, ClassField, TextField } from './fields.tsx';
import type { Settings } from './settings.ts';

/** What only models of texts are asked. */
export function TextFields(props: {
  labels: readonly string[] | null;
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}) {
  const { labels, settings, change } = props;
  return (
    <>
      <ChoiceField
        label="Rows"
        note="what concepts are found in"
        options={{
          auto: 'short texts whole, others by sentence',
          text: 'whole texts',
          sentence: 'sentences',
          clause: 'clauses',
          window: 'windows of 10 words',
        }}
        value={settings.units}
        change={(units) => change({ units })}
      />
      <TextField
        label="Column of the texts"
        note="empty: text, review, content or another usual name"
        value={settings.textColumn}
        change={(textColumn) => change({ textColumn })}
      />
      <ClassField
        label="Compare with"
        classes={null}
        labels={labels}
        note="another class, or a label of the table; empty: none"
        value={settings.compare}
        change={(compare) => change({ compare })}
      />
    </>
  );
}
