import { colourOf, inkOn } from '../palette.ts';

/** The concept's colour with its number, so that the colour never stands alone. Read by nobody: the name is beside it. */
export function Swatch({ id }: { id: number }) {
  const colour = colourOf(id);
  return (
    <span class="swatch" style={{ '--colour': colour, '--ink': inkOn(colour) }} aria-hidden="true">
      {id + 1}
    </span>
  );
}
