// Shapes of normalisation, recurrence and attention.

import type { Call, Dims, PerOutput } from './value.ts';

/** The data, then the statistics [C] of training. */
export function BatchNormalization(c: Call): PerOutput<Dims> {
  const statistics = c.dims(1);
  return { outputs: [c.dims(0), statistics, statistics, statistics, statistics] };
}

/** The data, then mean and deviation over the axes from `axis` on. */
export function LayerNormalization(c: Call): PerOutput<Dims> {
  const data = c.dims(0);
  if (!data) return { outputs: [] };
  const axis = c.int('axis', -1);
  const from = axis < 0 ? axis + data.length : axis;
  const statistics = data.map((d, i) => (i < from ? d : 1));
  return { outputs: [data, statistics, statistics] };
}

/** Data [T, N, I], recurrence weights [directions, gates·H, H]: all states, the last, the last cell. */
export function recurrent(c: Call): PerOutput<Dims> {
  const data = c.dims(0);
  const weights = c.dims(2);
  if (data?.length !== 3 || weights?.length !== 3) return { outputs: [] };
  const [directions, , hidden] = weights;
  if (c.int('layout', 0)) {
    const last = [data[0], directions, hidden];
    return { outputs: [[data[0], data[1], directions, hidden], last, last] };
  }
  const last = [directions, data[1], hidden];
  return { outputs: [[data[0], directions, data[1], hidden], last, last] };
}

/** Queries [N, heads, T, d] (or [N, T, heads·d]) and values of another width. */
export function Attention(c: Call): PerOutput<Dims> {
  const query = c.dims(0);
  const value = c.dims(2);
  if (!query || !value || query.length !== value.length) return { outputs: [] };
  if (query.length === 4) return { outputs: [[...query.slice(0, 3), value[3]]] };
  const heads = c.int('q_num_heads', Number.NaN);
  const valueHeads = c.int('kv_num_heads', Number.NaN);
  return { outputs: [[query[0], query[1], (value[2] / valueHeads) * heads]] };
}
