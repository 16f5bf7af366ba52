import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Call } from './calls.js';
import type { Disk } from './disk.js';
import { type Kind, stateOf } from './job.js';

/** What the program wrote in one run, as its checkpoints tell. */
export interface Told {
  readonly status: string;
  readonly read: number;
}

interface SavedCheckpoint {
  readonly status: string;
  readonly counts: { readonly read: number };
  readonly rejects: { readonly bytes: number };
  readonly target: { readonly mark: { readonly bytes: number; readonly tail: string } };
}

const TAIL_BYTES = 4096;

/**
 * Demands of a run's calls that a power cut between any two of them loses nothing that a checkpoint speaks of: data durable, then rejects, then
 * the checkpoint. Answers the checkpoints, oldest first.
 */
export function demandOrder(
  directory: string,
  kind: Kind,
  calls: readonly Call[],
  disk: Disk,
): readonly Told[] {
  const rules = new Rules(directory, kind);
  disk.replay(calls, rules);
  if (rules.told.at(-1)?.status === 'finished') rules.atTheEnd(disk);
  return rules.told;
}

class Rules {
  readonly told: Told[] = [];
  readonly #checkpoint: string;
  readonly #rejects: string;
  readonly #kind: Kind;

  constructor(directory: string, kind: Kind) {
    this.#checkpoint = join(stateOf(directory), 'checkpoint.json');
    this.#rejects = join(stateOf(directory), 'rejects.ndjson');
    this.#kind = kind;
  }

  renaming(from: string, to: string, disk: Disk): void {
    const file = disk.find(from);
    assert.ok(file, `${from} is renamed, and nobody made it`);
    assert.ok(file.durable.equals(file.content), `${from} is renamed before all of it is durable`);
    if (to === this.#checkpoint) this.#saving(JSON.parse(file.content.toString()), disk);
  }

  writing(path: string, data: Buffer, disk: Disk): void {
    assert.notEqual(path, this.#checkpoint, 'the checkpoint is written in place');
    const target = basename(path).startsWith(this.#kind.file);
    // SQLite knows by itself when it may write to what it cut.
    if (target && this.#kind.file.endsWith('.db')) this.#committing(data, disk);
    else assert.ok(!disk.find(path)?.cut, `${path} is written to before its cut is durable`);
  }

  removing(path: string, disk: Disk): void {
    if (basename(path) !== `${this.#kind.file}-wal`) return;
    const database = disk.find(this.#kind.file);
    assert.ok(
      database?.durable.equals(database.content),
      'the log is removed before the database is durable',
    );
  }

  atTheEnd(disk: Disk): void {
    const journal = join(this.#checkpoint, '..', 'journal.ndjson');
    const lost = disk.lostNames.filter(name => name !== journal && !name.endsWith('/in.csv'));
    assert.deepEqual(lost, [], 'names that a power cut takes after the end');
    const result = disk.find(this.#kind.file);
    assert.ok(result?.durable.equals(result.content), 'the result is not durable at the end');
  }

  #saving(checkpoint: SavedCheckpoint, disk: Disk): void {
    const { status, counts, rejects, target } = checkpoint;
    this.told.push({ status, read: counts.read });
    if (this.#kind.file.endsWith('.db')) this.#demandLedger(checkpoint, disk);
    else this.#demandMark(target.mark, status, disk);
    this.#demandRejects(rejects.bytes, disk);
    const parent = join(this.#checkpoint, '..');
    assert.ok(disk.keepsName(parent), 'the directory of the job may be lost');
    assert.ok(disk.keepsName(join(parent, '..')), 'the state directory may be lost');
  }

  #demandMark(mark: SavedCheckpoint['target']['mark'], status: string, disk: Disk): void {
    const part = `${this.#kind.file}.part`;
    // Whichever of its two names a power cut leaves to a complete file, a resume finds it.
    const complete = status !== 'finished' && !disk.find(part);
    const name = status === 'finished' || complete ? this.#kind.file : part;
    const file = disk.find(name);
    assert.ok(file, `the checkpoint speaks of ${name}, which is not there`);
    assert.ok(complete || disk.keepsName(name), `a checkpoint is saved before the name ${name} is durable`);
    assert.ok(
      file.durable.length >= mark.bytes,
      `a checkpoint leads ${name}: ${mark.bytes} bytes, ${file.durable.length} durable`,
    );
    const tail = file.durable.subarray(Math.max(0, mark.bytes - TAIL_BYTES), mark.bytes);
    assert.equal(createHash('sha256').update(tail).digest('hex'), mark.tail, `other bytes in ${name}`);
  }

  /** The entry of the same progress, at least, is durable in the database or its log. */
  #demandLedger({ status, counts }: SavedCheckpoint, disk: Disk): void {
    if (counts.read === 0) return;
    const names = [this.#kind.file, `${this.#kind.file}-wal`].filter(name => disk.keepsName(name));
    const files = names.flatMap(name => disk.find(name)?.durable ?? []);
    const entries = files.flatMap(bytes => [...bytes.toString('latin1').matchAll(/"read": (\d+),/g)]);
    assert.ok(
      entries.some(([, read]) => Number(read) >= counts.read),
      `a checkpoint of ${counts.read} records is saved before the ledger's entry is durable`,
    );
    if (status !== 'finished') return;
    assert.ok(
      disk.find(this.#kind.file)?.durable.includes('"status": "finished"'),
      'the ledger does not know the end',
    );
  }

  #committing(data: Buffer, disk: Disk): void {
    for (const [, bytes] of data
      .toString('latin1')
      .matchAll(/"rejects": \{\s+"path": "[^"]*",\s+"bytes": (\d+)/g)) {
      this.#demandRejects(Number(bytes), disk);
    }
  }

  #demandRejects(bytes: number, disk: Disk): void {
    const durable = disk.find(this.#rejects)?.durable.length ?? 0;
    assert.ok(durable >= bytes, `a checkpoint leads the rejects: ${bytes} bytes, ${durable} durable`);
    assert.ok(bytes === 0 || disk.keepsName(this.#rejects), 'the rejects file may be lost');
  }
}
