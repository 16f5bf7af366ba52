import { createHash, hash } from 'node:crypto';
import type { Location } from '../core/position.js';

/**
 * Tells one delivery from every other: the same for the same records of the same incarnation of a job, after any restart and at every attempt, so that whoever
 * gets it can know a repetition. `at` is the place of the first record, `content` what is sent; `repeat` tells equal contents from one place apart, such
 * as a transform may make. 64 hexadecimal digits (SHA-256).
 */
export function idempotencyKey(
  jobId: string,
  { file, offset, record }: Location,
  content: Uint8Array,
  repeat = 0,
): string {
  // As JSON no part can run over into the next one.
  const place = `${beginningOf(jobId, file)}${offset},${record},${repeat}]`;
  return sha256(`${place}\n`, content);
}

/** The last beginning that was made: all records of a file have the same. */
let beginning = { jobId: '', file: '', text: '["","",' };

function beginningOf(jobId: string, file: string): string {
  if (beginning.jobId !== jobId || beginning.file !== file)
    beginning = { jobId, file, text: `[${JSON.stringify(jobId)},${JSON.stringify(file)},` };
  return beginning.text;
}

/** What is hashed at once: what a single record takes, as a rule. */
const scratch = Buffer.allocUnsafeSlow(4096);

/** In one call where both fit `scratch`, which takes a third of the time. */
function sha256(text: string, content: Uint8Array): string {
  const length = Buffer.byteLength(text);
  if (length + content.length > scratch.length)
    return createHash('sha256').update(text).update(content).digest('hex');
  scratch.write(text);
  scratch.set(content, length);
  return hash('sha256', scratch.subarray(0, length + content.length), 'hex');
}
