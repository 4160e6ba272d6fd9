import { useState } from 'preact/hooks';
import { imageUrl } from '../image-url.ts';
import { usePage } from '../report-context.ts';
import { baseName } from '../words/names.ts';

/** An input as the model saw it; a placeholder with its name if the image is missing or cannot be shown. */
export function Picture({ input, alt }: { input: number; alt: string }) {
  const item = usePage().explanation.inputs.items[input];
  const url = imageUrl(item?.image ?? null);
  const [failed, setFailed] = useState<string | null>(null);
  if (url === null || failed === url) {
    return (
      <span class="no-picture" role="img" aria-label={`${alt} (image not available)`}>
        <span aria-hidden="true">{item ? baseName(item.name) : `input ${input}`}</span>
      </span>
    );
  }
  return (
    <img
      src={url}
      alt={alt}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setFailed(url)}
    />
  );
}
