// IEEE 754 half precision as 16-bit patterns: JavaScript has no Float16Array on Node 20.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The half nearest to a number (ties to even), as its bits; ±∞ beyond 65504, NaN stays NaN. */
export function toHalf(value: number): number {
  float[0] = value;
  const x = bits[0];
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and more
  if (magnitude < 0x38800000) {
    // subnormal: a multiple of 2⁻²⁴; the product is exact, so one rounding
    return sign | roundHalfEven(Math.abs(float[0]) * 2 ** 24);
  }
  // the exponent moves from bias 127 to 15; a carry out of the mantissa goes into it as it should
  return sign | ((magnitude - 0x38000000 + 0x0fff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The number that the bits of a half stand for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
