import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** What a control needs to belong to its label and its note. */
interface Ids {
  readonly id: string;
  readonly 'aria-describedby': string;
}

/** A label above a control, and a note below it. */
export function Field(props: { label: string; note: string; control: (ids: Ids) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.control({ id, 'aria-describedby': `${id}-note` })}
      <small id={`${id}-note`}>{props.note}</small>
    </div>
  );
}

/** A number; empty is null. */
export function NumberField(props: {
  label: string;
  note: string;
  least: number;
  most: number;
  value: number | null;
  change: (value: number | null) => void;
}) {
  const { label, note, least, most, value, change } = props;
  const control = (ids: Ids) => (
    <input
      {...ids}
      type="number"
      min={least}
      max={most}
      step={1}
      value={value ?? ''}
      onInput={({ currentTarget }) => {
        change(currentTarget.value === '' ? null : currentTarget.valueAsNumber);
      }}
    />
  );
  return <Field label={label} note={note} control={control} />;
}

/** One of a few. */
export function ChoiceField<T extends string>(props: {
  label: string;
  note: string;
  options: Readonly<Record<T, string>>;
  value: T;
  change: (value: T) => void;
}) {
  const { label, note, options, value, change } = props;
  const control = (ids: Ids) => (
    <select {...ids} value={value} onChange={({ currentTarget }) => change(currentTarget.value as T)}>
      {(Object.entries(options) as [T, string][]).map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
  return <Field label={label} note={note} control={control} />;
}

/** Words. */
export function TextField(props: {
  label: string;
  note: string;
  value: string;
  change: (value: string) => void;
  /** Offered while one types. */
  offers?: readonly string[];
}) {
  const { label, note, value, change, offers = [] } = props;
  const list = useId();
  const control = (ids: Ids) => (
    <input
      {...ids}
      type="text"
      {...(offers.length > 0 && { list })}
      autocomplete="off"
      spellcheck={false}
      value={value}
      onInput={({ currentTarget }) => change(currentTarget.value)}
    />
  );
  return (
    <>
      <Field label={label} note={note} control={control} />
      {offers.length > 0 && (
        <datalist id={list}>
          {offers.map((offer, k) => (
            <option key={`${k} ${offer}`} value={offer} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** A class, by its name or its id. */
export function ClassField(props: {
  label: string;
  classes: number | null;
  labels: readonly string[] | null;
  note?: string;
  value: string;
  change: (value: string) => void;
}) {
  const { label, classes, labels, value, change } = props;
  const ids = `an id${classes === null ? '' : ` from 0 to ${classes - 1}`}`;
  const note = props.note ?? (labels ? 'a name or an id' : ids);
  return <TextField label={label} note={note} value={value} change={change} offers={labels ?? []} />;
}
