import { type ReasonCode, reasonCodes } from '../core/batch.js';
import { didYouMean } from '../core/nearest.js';
import { option } from '../core/options.js';

/** Which rejects. */
export const reasonOption = option<readonly ReasonCode[]>({
  group: 'job',
  value: 'CODE[,CODE]',
  summary: 'only rejects with these reasons',
  fallback: 'all',
  repeatable: true,
  parse: parseReasons,
});

function parseReasons(text: string): readonly ReasonCode[] {
  return text.split(',').map(word => {
    const code = reasonCodes.find(known => known === word.trim());
    if (code === undefined)
      throw new TypeError(`codes out of ${reasonCodes.join(', ')}${didYouMean(word, reasonCodes)}`);
    return code;
  });
}
