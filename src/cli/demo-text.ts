// `demo text`: a real text classifier, trained here on real mails, and what it reads in spam.

import { parseTextRequest } from '../craft/text/text-request.ts';
import { cacheSettingsOf } from './cache-fs.ts';
import { type Arguments, text } from './command.ts';
import { buildTextDemo } from './demo-text-model/build-fs.ts';
import { EMBEDDING_LAYER } from './demo-text-model/text-model.ts';
import { describeSigns, describeTextConcepts } from './describe-text.ts';
import type { Io } from './io.ts';
import { runExplainText } from './run-explain-text.ts';

/**
 * The sentence embedding, as its concepts are topics, where those at the ReLU of the head are only for and against.
 * Fourteen are enough that each is one topic.
 */
const SETTINGS = { class: 'spam', compare: 'ham', concepts: 14, examples: 8, seed: 0 } as const;

/** All spam that was held out, and some ham to compare it with: concepts are to be those of spam. */
const TEXTS = 330;

/** Makes the model if it is not in the cache, explains it, and prints the concepts. */
export async function runTextDemo(args: Arguments, io: Io): Promise<void> {
  const { model, texts, record } = await buildTextDemo({
    signal: io.signal,
    onProgress: (stage, { done, total }) =>
      io.progress.report(stage === 'download' ? { stage, done, total } : { stage: 'encode', done, total }),
  });
  io.progress.done();
  const { trainedOn, heldOut, accuracy, falseAlarms, missed } = record;
  io.stderr(
    `A head on the Universal Sentence Encoder, trained on ${trainedOn} mails: it is right on ${(100 * accuracy).toFixed(1)} % of ${heldOut} mails kept from it (${falseAlarms} ham taken for spam, ${missed} spam for ham).\n`,
  );
  const job = {
    model,
    texts,
    layer: EMBEDDING_LAYER,
    request: parseTextRequest(SETTINGS),
    out: text(args, 'out') ?? 'craft-xai-demo-text',
    limit: TEXTS,
    columns: { idColumn: 'id' },
    cache: cacheSettingsOf(args),
  };
  const { explanation, page } = await runExplainText(job, io);
  if (args.values.json) {
    io.stdout(`${JSON.stringify(explanation)}\n`);
    return;
  }
  io.stdout(
    `${describeTextConcepts(explanation, SETTINGS.concepts)}\n\n${describeSigns(explanation)}\n\nThe report, to open in a browser: ${page}\n`,
  );
}
