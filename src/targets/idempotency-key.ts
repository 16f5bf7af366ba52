import { createHash } from 'node:crypto';
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
  const place = JSON.stringify([jobId, file, offset, record, repeat]);
  return createHash('sha256').update(`${place}\n`).update(content).digest('hex');
}
