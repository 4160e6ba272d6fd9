interface Props {
  /** Of the group, for a screen reader. */
  legend: string;
  /** Name of the radio buttons in the page. */
  name: string;
  /** Off, then on. */
  choices: readonly [string, string];
  on: boolean;
  set(on: boolean): void;
}

/** Two choices side by side: radio buttons. */
export function Segmented({ legend, name, choices, on, set }: Props) {
  return (
    <fieldset class="segmented">
      <legend class="sr-only">{legend}</legend>
      {choices.map((choice, i) => (
        <label key={choice}>
          <input type="radio" name={name} checked={on === (i === 1)} onChange={() => set(i === 1)} />
          <span>{choice}</span>
        </label>
      ))}
    </fieldset>
  );
}
