import type { Checkpoint } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';
import type { Target } from '../core/target.js';
import { parseCheckpoint } from '../state/checkpoint-text.js';
import type { CopyPlan } from './plan.js';
import type { RunState } from './state.js';

/** The checkpoint that counts, and the ledger's entry as it stands there. */
export interface NewestCheckpoint {
  readonly checkpoint: Checkpoint | null;
  /** With `--fresh`: there is one that cannot be read, and goes. */
  readonly unreadable: boolean;
  readonly ledger: string | null;
}

/**
 * Reads the checkpoint file and, where the target keeps one, the ledger: it wins. Throws `target_changed` if it is behind the file. With `--fresh`
 * neither needs to be readable. `id`: of a ledger's entry only one of this start counts.
 */
export async function newestCheckpoint(
  job: string,
  state: RunState,
  target: Target,
  plan: CopyPlan,
  id?: string,
): Promise<NewestCheckpoint> {
  if (!state.store) return { checkpoint: null, unreadable: false, ledger: null };
  try {
    const file = await state.load();
    const ledger = (await target.ledger?.recall(job)) ?? null;
    if (ledger === null) return { checkpoint: file, unreadable: false, ledger };
    const entry = parseCheckpoint(ledger, job, `the ledger of ${target.name}`);
    if (id !== undefined && entry.id !== id) return { checkpoint: file, unreadable: false, ledger: null };
    if (file && !plan.fresh) demandNotBehind(entry, file, target);
    // The file tells the same start better: it was written after the target had been opened.
    const sameStart = isFirst(entry) && file?.id === entry.id;
    return { checkpoint: sameStart ? file : entry, unreadable: false, ledger };
  } catch (error) {
    const unreadable = error instanceof TrancheError && error.code === 'checkpoint_unreadable';
    if (!plan.fresh || !unreadable) throw error;
    return { checkpoint: null, unreadable, ledger: null };
  }
}

function demandNotBehind(entry: Checkpoint, file: Checkpoint, target: Target): void {
  const other = entry.id !== file.id;
  // A start from the beginning that was killed before the file of the one before it was replaced.
  if (other && isFirst(entry)) return;
  if (!other && entry.counts.read >= file.counts.read) return;
  const found = other ? 'is of another start of this job' : `stands at ${entry.counts.read} records`;
  throw new TrancheError(
    'target_changed',
    `the ledger of ${target.name} ${found}, the checkpoint file at ${file.counts.read}: this is not the target that the checkpoint speaks of`,
    { path: target.name, hint: 'start from the beginning with --fresh' },
  );
}

/** Of a start that has written nothing yet. */
function isFirst(entry: Checkpoint): boolean {
  return entry.source.position === null;
}
