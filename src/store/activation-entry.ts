// Activations ⇄ the bytes of a safetensors file with a checksum: what is damaged is not there.

import type { Activations } from '../craft/activation-store.ts';
import { sha256 } from '../craft/sha256.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';

/** The file of an entry. */
export async function entryToBytes(key: string, entry: Activations): Promise<Uint8Array> {
  return writeSafetensors({ ...entry }, { checksum: await checksumOf(key, entry) });
}

/** The entry of a file, or null if a bit of it is not as it was written, or it was written for another key. */
export async function entryFromBytes(key: string, bytes: Uint8Array): Promise<Activations | null> {
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    return metadata.checksum === (await checksumOf(key, tensors)) ? tensors : null;
  } catch {
    return null;
  }
}

async function checksumOf(key: string, entry: Activations): Promise<string> {
  const names = Object.keys(entry).sort();
  const parts = names.map(async (name) => {
    const { data, dims } = entry[name];
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [name, data.BYTES_PER_ELEMENT, dims, await sha256(bytes)];
  });
  return sha256(JSON.stringify([key, await Promise.all(parts)]));
}
