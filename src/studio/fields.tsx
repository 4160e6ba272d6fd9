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
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={least}
        max={most}
        step={1}
        value={value ?? ''}
        onInput={({ currentTarget }) => {
          change(currentTarget.value === '' ? null : currentTarget.valueAsNumber);
        }}
      />
      <small>{note}</small>
    </label>
  );
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
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => change(currentTarget.value as T)}>
        {(Object.entries(options) as [T, string][]).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
      <small>{note}</small>
    </label>
  );
}
