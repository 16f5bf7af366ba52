import { isOfKind, type TrancheError } from '../core/errors.js';
import type { Refusal } from '../core/target.js';
import { attempt } from './attempt.js';
import type { Delivered } from './books.js';
import type { Delivery } from './delivery.js';
import type { Passage } from './frontier.js';
import { middleOf } from './halves.js';
import { OneTooMany } from './one-too-many.js';
import { originOf, type Portion, withoutRecords } from './portion.js';
import { splitBefore } from './split-portion.js';

/**
 * Brings a portion into the target, trying again what is transient and finding records that are refused. Yields once for each piece that
 * the target took by itself: one, unless records had to be isolated, or there are too many bad ones.
 */
export async function* deliver(portion: Portion, passage: Passage, how: Delivery): AsyncGenerator<Delivered> {
  try {
    yield await attempt(portion, passage, how);
  } catch (error) {
    // Where there is no record, none can be at fault.
    if (!isOfKind(error, 'record') || portion.records.count === 0) throw error;
    const pieces = error instanceof OneTooMany ? splitBefore(portion, error.cut) : isolate(portion, error);
    for (const piece of pieces) yield* deliver(piece, passage, how);
  }
}

/** The pieces to try after a record was refused: around the record if the target named it, else halves; a single record is a reject. */
function isolate(portion: Portion, error: TrancheError): Portion[] {
  const { from, to } = portion;
  const named = error.refusals?.filter(({ index }) => index >= 0 && index < portion.records.count) ?? [];
  if (named.length > 0) return [withoutRecords(portion, named)];
  const refuse = (one: Portion): Portion => withoutRecords(one, refusedAll(one, error.message));
  if (to - from <= 1) return [refuse(portion)];
  const bad = error.index === undefined ? undefined : originOf(portion, error.index);
  if (bad === undefined || bad < from || bad >= to) return [...splitBefore(portion, middleOf(portion))];
  const [head, rest] = splitBefore(portion, bad);
  const pieces = bad > from ? [head] : [];
  if (bad + 1 >= to) return [...pieces, refuse(rest)];
  const [record, tail] = splitBefore(rest, bad + 1);
  return [...pieces, refuse(record), tail];
}

function refusedAll({ records }: Portion, message: string): Refusal[] {
  return Array.from({ length: records.count }, (_, index) => ({ index, reason: 'refused', message }));
}
