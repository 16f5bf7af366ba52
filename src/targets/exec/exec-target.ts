import { TrancheError } from '../../core/errors.js';
import type { Location, Mark } from '../../core/position.js';
import type { OpenTarget, Refusal, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import { type BatchBody, type EncodedBatch, recordIndexOf } from '../batch-body.js';
import { idempotencyKey } from '../idempotency-key.js';
import { failed, quote } from './exit.js';
import type { Rejected } from './protocol.js';
import type { Runner } from './runner.js';

/** What a command target is made of. */
export interface ExecSettings {
  readonly name: string;
  readonly traits: TargetTraits;
  /** Makes the encoder once the columns are known. */
  body(columns: OpenTarget['columns']): BatchBody;
  /** Makes the runner, with variables that are the same for all batches. */
  runner(variables: NodeJS.ProcessEnv): Runner;
}

/** Gives batches to a command, on its stdin. */
export class ExecTarget implements Target {
  readonly name: string;
  readonly traits: TargetTraits;
  readonly #settings: ExecSettings;
  #jobId = '';
  #body: BatchBody | null = null;
  #runner: Runner | null = null;

  constructor(settings: ExecSettings) {
    this.name = settings.name;
    this.traits = settings.traits;
    this.#settings = settings;
  }

  async open({ job, jobId, mark, columns }: OpenTarget): Promise<Mark> {
    this.#jobId = jobId;
    this.#body = this.#settings.body(columns);
    this.#runner = this.#settings.runner({ TRANCHE_JOB: job });
    return mark ?? {};
  }

  async write(how: WriteBatch): Promise<Written> {
    const body = this.#body!.encode(how.records);
    if (body.count === 0) return { mark: {}, count: 0, refused: body.refused };
    const answer = await this.#runner!.deliver({
      content: body.content,
      count: body.count,
      variables: () => this.#variables(how, body),
      signal: how.signal,
    });
    if (answer.kind === 'error') throw failed(`the command failed${quote(answer.message)}`);
    const refused = refusedOf(answer.rejected, body);
    if (answer.kind === 'retry') throw again(answer.after, refused, answer.rejected.length > 0);
    return { mark: {}, count: how.records.count - refused.length, refused };
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {
    const runner = this.#runner;
    this.#runner = null;
    await runner?.close();
  }

  #variables({ number, attempt, locate }: WriteBatch, body: EncodedBatch): NodeJS.ProcessEnv {
    const first: Location = locate(recordIndexOf(0, body));
    const { file, line, offset, record } = first;
    return {
      TRANCHE_BATCH: String(number),
      TRANCHE_ATTEMPT: String(attempt),
      TRANCHE_POSITION: JSON.stringify({ file, line, offset, record }),
      TRANCHE_IDEMPOTENCY_KEY: idempotencyKey(this.#jobId, first, body.content),
    };
  }
}

/** All refused records, in order of their index in the batch's records. */
function refusedOf(rejected: readonly Rejected[], body: EncodedBatch): Refusal[] {
  const named = rejected.map(({ index, message }): Refusal => {
    return { index: recordIndexOf(index, body), reason: 'refused', message };
  });
  return [...body.refused, ...named].sort((one, other) => one.index - other.index);
}

/** Nothing was accepted: all again, or all but those that the command named. */
function again(after: number | undefined, refusals: readonly Refusal[], named: boolean): TrancheError {
  if (named)
    return new TrancheError('target_refused', 'the command refused records', { kind: 'record', refusals });
  return new TrancheError('busy', 'the command asked for the batch to be sent again', {
    kind: 'transient',
    ...(after === undefined ? {} : { retryAfter: after }),
  });
}
