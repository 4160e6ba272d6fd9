// Numbers as text for a reader.

/** With `digits` decimals and a true minus sign; '–' if not finite. */
export function fixed(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** An index of importance: two decimals, never 0.00 for what is above 0. */
export function index(value: number): string {
  return value > 0 && value < 0.005 ? '<0.01' : fixed(value);
}

/** The interval of an index: '0.21 to 0.29', and never 0.00 to 0.00 for what is above 0. */
export function indexInterval({ lower, upper }: { lower: number; upper: number }): string {
  return upper > 0 && upper < 0.005 ? 'below 0.01' : `${fixed(lower)} to ${fixed(upper)}`;
}

/** As {@link fixed}, with its sign also where positive. */
export function signed(value: number, digits = 2): string {
  const text = fixed(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** A share in [0, 1] as a whole percentage; never 0% or 100% for what is not. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const whole = Math.round(share * 100);
  if (whole === 0 && share > 0) return '<1%';
  if (whole === 100 && share < 1) return '>99%';
  return `${whole}%`;
}

/** Two digits: plain in [0.001, 1e5), else as 2.4 × 10⁻⁶. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 100 && size < 1e5) return fixed(value, 0);
  if (size >= 0.001 && size < 100)
    return fixed(value, size >= 10 ? 1 : size >= 0.1 ? 2 : size >= 0.01 ? 3 : 4);
  const [mantissa, exponent] = value.toExponential(1).split('e');
  return `${mantissa.replace('-', '−')} × 10${raised(Number(exponent))}`;
}

const raised = (n: number): string =>
  String(n).replace(/[-\d]/g, (c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]));

/** '1 image', '24 images'. */
export function countOf(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
/** In words up to ten, else in digits. */
export const inWords = (n: number): string => words[n] ?? n.toLocaleString('en');

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Size of a file in kB or MB (powers of ten). */
export function bytes(n: number): string {
  if (n >= 1e6) return `${fixed(n / 1e6, n >= 1e8 ? 0 : 1)} MB`;
  return `${fixed(n / 1e3, n >= 1e5 ? 0 : 1)} kB`;
}

/** Dims as 2048 × 7 × 7; n where one varies. */
export const dimsText = (dims: readonly (number | null)[]): string => dims.map((d) => d ?? 'n').join(' × ');
