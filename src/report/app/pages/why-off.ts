import type { Explained } from '../../report-data.ts';
import type { Details } from '../details.ts';
import { isText } from '../words/nouns.ts';

/** Why concepts cannot be turned down and up here. */
export function whyOff(explanation: Explained, { perInput }: Details): string {
  if (!perInput) {
    return 'This page was made without the matrices of the run, so it does not know what each concept does here. Make it again with craft-xai report.';
  }
  if (explanation.importance.method !== 'closed-form' && explanation.layer.prefixTokens > 0) {
    return 'The sliders are off: after this layer the model reads tokens beside the places of the image, and the files of this run do not hold how much of each concept those have. Importance is that of each concept for this one score.';
  }
  if (explanation.importance.method !== 'closed-form') {
    return 'The sliders are off: after this layer the model goes on with steps that are not linear, so the score with a concept turned down cannot be told from stored numbers; the model itself would have to run, and does in a page that is made with craft-xai report DIR --model FILE. Importance is that of each concept for this one score.';
  }
  if (!isText(explanation) && explanation.settings.rows === 'crops') {
    return 'The sliders are off: after this layer the score is a sum, but the files of this run, which looked at crops, do not hold how much of each concept whole images have. With --rows dense they do.';
  }
  return 'The sliders are off: after this layer the score is a sum, but not of one number a concept (it reads each place by itself), and the files do not hold the parts.';
}
