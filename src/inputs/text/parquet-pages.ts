// Unpacking of Parquet pages that may claim any size.

import type { Compressors } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Bytes of one page when unpacked, at most: writers make pages of about a megabyte. */
const MOST_PAGE_BYTES = 2 ** 28;
const ZSTD_MAGIC = 0xfd2fb528;

/** The codecs of Parquet, none of which makes more of a page than the file says, nor more than a page may be. */
export const boundedCompressors: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, length: number): Uint8Array => {
      if (!(length >= 0 && length <= MOST_PAGE_BYTES)) throw new Error(`a page of ${length} bytes`);
      if (codec === 'ZSTD' && zstdLength(input, length) > length)
        throw new Error('a frame longer than its page');
      return unpack(input, length);
    },
  ]),
);

/** Bytes that the first frame says it makes, which are allocated before any is made; `otherwise` if it says none. */
function zstdLength(frame: Uint8Array, otherwise: number): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 5 || view.getUint32(0, true) !== ZSTD_MAGIC) return otherwise; // refused as no frame
  const descriptor = frame[4];
  const isSingle = (descriptor & 0x20) !== 0;
  const size = descriptor >> 6 === 0 ? Number(isSingle) : 2 ** (descriptor >> 6);
  const at = 5 + Number(!isSingle) + [0, 1, 2, 4][descriptor & 3];
  if (size === 0 || at + size > frame.length) return otherwise;
  if (size === 1) return frame[at];
  if (size === 2) return view.getUint16(at, true) + 256;
  return size === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
