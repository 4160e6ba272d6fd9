// A small classifier of texts with its files and tables of texts, on disk.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetFile } from '../../models/parquet-builder.ts';
import { writeTextModel } from '../../models/text-model-files.ts';

/** A class whose name is markup. */
export const ATTACK = '<img src=x onerror=alert(1)>';

export interface TextToy {
  readonly folder: string;
  /** model.onnx, tokenizer.json, tokenizer_config.json, config.json */
  readonly modelFiles: readonly string[];
  readonly texts: readonly string[];
}

const WORDS = ['film', 'cafe'];
const SAYINGS = ['was very good', 'was bad', 'was not bad', 'was not very good', 'unbelievable'];

export function writeTextToy(): TextToy {
  const folder = mkdtempSync(join(tmpdir(), 'craft-text-toy-'));
  const write = (name: string, content: string | Uint8Array): void =>
    writeFileSync(join(folder, name), content);
  const modelFiles = writeTextModel(folder, 'mean', ['bad', 'good', ATTACK]);
  const texts = WORDS.flatMap((word) =>
    SAYINGS.map((saying, k) => `the ${word} ${saying}, and "${WORDS[k % 2]}" ${SAYINGS[(k + 2) % 5]}`),
  );
  const labels = texts.map((_, n) => (n % 2 === 0 ? 'good' : 'bad'));
  const quoted = texts.map((text, n) => `"${text.replaceAll('"', '""')}",${labels[n]}`);
  write('reviews.csv', ['text,label', ...quoted, ',no text', quoted[0]].join('\r\n'));
  write('reviews.jsonl', texts.map((text, n) => JSON.stringify({ text, label: labels[n] })).join('\n'));
  write('reviews.txt', texts.join('\n'));
  write('reviews.tsv', ['text\tlabel', ...texts.map((t, n) => `${t}\t${labels[n]}`)].join('\n'));
  write('utf16.txt', new Uint8Array(Buffer.from(`\ufeff${texts.join('\n')}`, 'utf16le')));
  write('reviews.parquet', parquetFile({ text: texts, label: labels }, 4));
  write('open.csv', 'text\n"never closed\n');
  return { folder, modelFiles, texts };
}
