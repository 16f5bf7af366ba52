import { createHash } from 'node:crypto';
import type { Checkpoint } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';

const FORMAT = 'tranche-checkpoint';
const VERSION = 1;

/** What may be looked at before the checksum was. */
interface Head {
  readonly format?: unknown;
  readonly version?: unknown;
}

/**
 * A checkpoint as it is kept, in its file or in a ledger: readable JSON whose first lines hold format,
 * version and the SHA-256 of every byte behind the checksum's line. (`tail -n +5 checkpoint.json | sha256sum`
 * tells it.)
 */
export function checkpointText(checkpoint: Checkpoint): string {
  const body = `${JSON.stringify(checkpoint, null, 2).slice('{\n'.length)}\n`;
  return head(body) + body;
}

/**
 * Reads what {@link checkpointText} wrote. Throws `checkpoint_unreadable` for anything that is not, to the
 * byte, a checkpoint of this version and of `job`; `where` is the file or ledger that the text comes from.
 */
export function parseCheckpoint(text: string, job: string, where: string): Checkpoint {
  const found = parseObject(text, where);
  if (found.format !== FORMAT) throw unreadable(where, 'it is not a checkpoint of tranche');
  checkVersion(found.version, where);

  // The head has a fixed length, so that the body needs no searching.
  const body = text.slice(head('').length);
  if (text !== head(body) + body) {
    throw unreadable(where, 'its checksum does not fit its content: it was damaged, or changed by hand');
  }
  const checkpoint = JSON.parse(`{${body}`) as Checkpoint;
  checkJob(checkpoint.job, job, where);
  return checkpoint;
}

function head(body: string): string {
  const checksum = createHash('sha256').update(body).digest('hex');
  return `{\n  "format": "${FORMAT}",\n  "version": ${VERSION},\n  "checksum": "${checksum}",\n`;
}

function parseObject(text: string, where: string): Head {
  if (/^[\s\0]*$/.test(text)) throw unreadable(where, 'it is empty');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(where, 'it is not JSON: it was cut off or damaged', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable(where, 'it is not a JSON object');
  }
  return value as Head;
}

function checkVersion(version: unknown, where: string): void {
  if (version === VERSION) return;
  if (typeof version !== 'number' || version < VERSION) throw unreadable(where, 'it names no known version');
  throw new TrancheError(
    'checkpoint_unreadable',
    `the checkpoint ${where} has version ${version}, and this tranche reads version ${VERSION}`,
    {
      operation: 'read',
      path: where,
      hint: 'go on with the newer tranche that wrote it, or start from the beginning with --fresh',
    },
  );
}

function checkJob(found: string, job: string, where: string): void {
  if (found === job) return;
  throw new TrancheError(
    'checkpoint_unreadable',
    `the checkpoint ${where} belongs to job "${found}", not to job "${job}"`,
    {
      operation: 'read',
      path: where,
      hint: `go on with --job ${found} where that job's directory is, or start from the beginning with --fresh`,
    },
  );
}

function unreadable(where: string, why: string, cause?: unknown): TrancheError {
  return new TrancheError('checkpoint_unreadable', `the checkpoint ${where} cannot be read: ${why}`, {
    operation: 'read',
    path: where,
    cause,
    hint: 'restore it from a copy, or start from the beginning with --fresh',
  });
}
