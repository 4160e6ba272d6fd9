// A writer of small Parquet files: required UTF-8 columns, plain or by a dictionary, packed or not. Format:
// apache/parquet-format, with its headers in Thrift's compact protocol.

/** A Thrift value: a whole number, text, a list of values of one kind, or fields by id. */
type Thrift = { i32: number } | { i64: number } | string | Thrift[] | Map<number, Thrift>;

const TYPE = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 };

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
};

function kindOf(value: Thrift): number {
  if (typeof value === 'string') return TYPE.text;
  if (Array.isArray(value)) return TYPE.list;
  if (value instanceof Map) return TYPE.struct;
  return 'i32' in value ? TYPE.i32 : TYPE.i64;
}

function encode(value: Thrift): number[] {
  if (typeof value === 'string') {
    const bytes = [...new TextEncoder().encode(value)];
    return [...varint(bytes.length), ...bytes];
  }
  if (Array.isArray(value)) {
    const size =
      value.length < 15
        ? [(value.length << 4) | kindOf(value[0])]
        : [0xf0 | kindOf(value[0]), ...varint(value.length)];
    return [...size, ...value.flatMap(encode)];
  }
  if (value instanceof Map) {
    let last = 0;
    const fields = [...value].flatMap(([id, field]) => {
      const header = ((id - last) << 4) | kindOf(field);
      last = id;
      return [header, ...encode(field)];
    });
    return [...fields, 0];
  }
  return varint(2 * ('i32' in value ? value.i32 : value.i64)); // zigzag, none is negative
}

const struct = (fields: Record<number, Thrift>): Map<number, Thrift> =>
  new Map(Object.entries(fields).map(([id, value]) => [Number(id), value]));
const i32 = (value: number): Thrift => ({ i32: value });
const i64 = (value: number): Thrift => ({ i64: value });

const BYTE_ARRAY = i32(6);
const UTF8 = i32(0);
const REQUIRED = i32(0);
const PLAIN = i32(0);
const RLE = i32(3);
const RLE_DICTIONARY = i32(8);

/** How pages are written. */
export interface PageOptions {
  /** Number and function of a codec; default: pages are not packed. */
  readonly codec?: { readonly id: number; readonly pack: (data: Uint8Array) => Uint8Array };
  /** Every different text once, and places in that list. */
  readonly dictionary?: boolean;
  /** Bytes that pages say they have when unpacked; default: those that they have. */
  readonly claimed?: number;
}

/** Texts, each its length in 4 bytes, then its bytes. */
function plain(texts: readonly string[]): number[] {
  return texts.flatMap((text) => {
    const bytes = new TextEncoder().encode(text);
    return [...new Uint8Array(Uint32Array.of(bytes.length).buffer), ...bytes];
  });
}

/** Places in a list of fewer than 256: 8 bits each, in one run of groups of eight. */
function places(indices: readonly number[]): number[] {
  const groups = Math.ceil(indices.length / 8);
  const filled = [...indices, ...new Array<number>(8 * groups - indices.length).fill(0)];
  return [8, ...varint((groups << 1) | 1), ...filled];
}

/** A page with its header: field 5 describes a page of data, 7 one of a dictionary. */
function page(data: number[], field: 5 | 7, about: Thrift, { codec, claimed }: PageOptions): number[] {
  const packed = codec ? [...codec.pack(Uint8Array.from(data))] : data;
  const header = struct({
    1: i32(field === 5 ? 0 : 2),
    2: i32(claimed ?? data.length),
    3: i32(packed.length),
    [field]: about,
  });
  return [...encode(header), ...packed];
}

/** The pages of a column: its dictionary, if there is one, and its data. */
function pagesOf(texts: readonly string[], options: PageOptions): { dictionary: number[]; data: number[] } {
  const about = (encoding: Thrift): Thrift => struct({ 1: i32(texts.length), 2: encoding, 3: RLE, 4: RLE });
  if (!options.dictionary) return { dictionary: [], data: page(plain(texts), 5, about(PLAIN), options) };
  const different = [...new Set(texts)];
  const size = struct({ 1: i32(different.length), 2: PLAIN });
  return {
    dictionary: page(plain(different), 7, size, options),
    data: page(places(texts.map((text) => different.indexOf(text))), 5, about(RLE_DICTIONARY), options),
  };
}

/** A file of text columns of one length, in row groups of `groupRows` rows. */
export function parquetFile(
  columns: Readonly<Record<string, readonly string[]>>,
  groupRows: number,
  options: PageOptions = {},
): Uint8Array {
  const magic = [...new TextEncoder().encode('PAR1')];
  const names = Object.keys(columns);
  const total = columns[names[0]].length;
  const bytes = [...magic];
  const groups: Thrift[] = [];
  for (let start = 0; start < total; start += groupRows) {
    const count = Math.min(groupRows, total - start);
    const chunks = names.map((name): Thrift => {
      const offset = bytes.length;
      const { dictionary, data } = pagesOf(columns[name].slice(start, start + count), options);
      bytes.push(...dictionary, ...data);
      const size = dictionary.length + data.length;
      const fields: Record<number, Thrift> = {
        1: BYTE_ARRAY,
        2: options.dictionary ? [PLAIN, RLE_DICTIONARY] : [PLAIN],
        3: [name],
        4: i32(options.codec?.id ?? 0),
        5: i64(count),
        6: i64(size),
        7: i64(size),
        9: i64(offset + dictionary.length),
      };
      if (options.dictionary) fields[11] = i64(offset);
      return struct({ 2: i64(offset), 3: struct(fields) });
    });
    groups.push(struct({ 1: chunks, 2: i64(bytes.length), 3: i64(count) }));
  }
  const schema = [
    struct({ 4: 'schema', 5: i32(names.length) }),
    ...names.map((name) => struct({ 1: BYTE_ARRAY, 3: REQUIRED, 4: name, 6: UTF8 })),
  ];
  const footer = encode(struct({ 1: i32(1), 2: schema, 3: i64(total), 4: groups }));
  return Uint8Array.from([
    ...bytes,
    ...footer,
    ...new Uint8Array(Uint32Array.of(footer.length).buffer),
    ...magic,
  ]);
}
