import { methodName } from '../words/map-methods.ts';

interface Props {
  methods: readonly string[];
  method: string;
  set(method: string): void;
}

/** How the maps were made: one choice of several. */
export function MethodSwitch({ methods, method, set }: Props) {
  return (
    <fieldset class="segmented method-switch">
      <legend class="sr-only">Method of the maps</legend>
      {methods.map((name) => (
        <label key={name}>
          <input type="radio" name="map-method" checked={name === method} onChange={() => set(name)} />
          <span>{methodName(name)}</span>
        </label>
      ))}
    </fieldset>
  );
}
