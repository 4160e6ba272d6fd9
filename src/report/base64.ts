/** Bytes as base64. */
export function base64(bytes: Uint8Array): string {
  const step = 3 * 8192; // a multiple of 3, so that the parts join without padding between them
  let text = '';
  for (let i = 0; i < bytes.length; i += step) {
    text += btoa(String.fromCharCode(...bytes.subarray(i, i + step)));
  }
  return text;
}
