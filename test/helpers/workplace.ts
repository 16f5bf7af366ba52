import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { type CopyHooks, type CopyPlan, copy } from '#tranche/copy.js';
import type { Event, Summary } from '#tranche/core/events.js';
import type { KeptReject } from '#tranche/core/reject.js';
import { loadRound } from '#tranche/plan/retry/round.js';
import { countRejects, unresolvedOf } from '#tranche/plan/retry/unresolved.js';
import { type RetryPlan, retryRejects } from '#tranche/retry-rejects.js';
import { CheckpointFile } from '#tranche/state/checkpoint-store.js';
import { temporaryDirectory } from './temporary.js';

/** A directory with inputs, targets and a job's state, and the job run in it. */
export class Workplace {
  readonly directory: string;
  /** What all runs told. */
  readonly events: Event[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<Workplace> {
    return new Workplace(await temporaryDirectory());
  }

  path(name: string): string {
    return name === '-' || name === 'none:' ? name : join(this.directory, name);
  }

  async write(name: string, content: string | Buffer): Promise<void> {
    await writeFile(this.path(name), content);
  }

  async append(name: string, content: string | Buffer): Promise<void> {
    await appendFile(this.path(name), content);
  }

  /** The text of a file, decompressed; null if there is none. */
  read(name: string): string | null {
    const path = this.path(name);
    if (!existsSync(path)) return null;
    const bytes = readFileSync(path);
    return (name.includes('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  }

  bytes(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Names of all files, those of the state too. */
  files(): string[] {
    return (readdirSync(this.directory, { recursive: true }) as string[]).sort();
  }

  /** Runs the job `job`, with names of the directory for source and target. */
  async copy(
    source: string,
    target: string,
    options: Partial<CopyPlan> = {},
    hooks: CopyHooks = {},
  ): Promise<Summary> {
    const plan = { job: 'job', stateDir: this.path('state'), ...options };
    return await copy(
      { ...plan, source: this.path(source), target: this.path(target) },
      { report: event => this.events.push(event), ...hooks },
    );
  }

  /** Runs until the job is finished, a batch a run; answers the number of runs. */
  async copyInSteps(
    source: string,
    target: string,
    options: Partial<CopyPlan> = {},
    hooks: () => CopyHooks = () => ({}),
  ): Promise<number> {
    for (let runs = 1; runs < 1000; runs++) {
      const summary = await this.copy(source, target, { ...options, maxBatches: 1, resume: true }, hooks());
      if (summary.error) throw summary.error;
      if (summary.status === 'finished') return runs;
    }
    throw new Error('the job does not come to its end');
  }

  /** Sends the rejects of the job `job` again. */
  async retry(
    source: string,
    target: string,
    options: Partial<RetryPlan> = {},
    hooks: CopyHooks = {},
  ): Promise<Summary> {
    const plan = { job: 'job', stateDir: this.path('state'), ...options };
    return await retryRejects(
      { ...plan, source: this.path(source), target: this.path(target) },
      { report: event => this.events.push(event), ...hooks },
    );
  }

  /** The rejects that are left, and how many were resolved. */
  async left(): Promise<{ readonly resolved: number; readonly rejects: readonly KeptReject[] }> {
    const directory = this.path('state/job');
    const job = await new CheckpointFile(`${directory}/checkpoint.json`, 'job').load();
    const round = await loadRound(directory, 'job');
    const rejects: KeptReject[] = [];
    for await (const reject of unresolvedOf(job!, round)) rejects.push(reject);
    rejects.sort((a, b) => a.number - b.number);
    return { resolved: countRejects(job!, round).resolved, rejects };
  }

  checkpoint(): Record<string, unknown> | null {
    const text = this.read('state/job/checkpoint.json');
    return text === null ? null : (JSON.parse(text) as Record<string, unknown>);
  }

  rejects(): { line: number; reason: string; raw: string; message: string; attempts: number }[] {
    const text = this.read('state/job/rejects.ndjson') ?? '';
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
  }
}

/** A stream that keeps what is written to it. */
export class Sink extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

/** Standard input with a text. */
export function stdinOf(text: string): Readable {
  return Readable.from([Buffer.from(text)], { objectMode: false });
}
