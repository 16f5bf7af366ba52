import type { OutputColumn } from '../../core/columns.js';
import type { Mark } from '../../core/position.js';
import type { Records } from '../../core/records.js';
import type { OpenTarget, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import type { BatchBody, EncodedBatch } from '../batch-body.js';
import type { Judge } from './judge.js';
import type { RequestForm } from './lane.js';
import { Lanes } from './lanes.js';
import { batchRequests, recordRequests } from './requests.js';
import { Transmission } from './transmission.js';

/** What a target is made of. */
export interface HttpTargetSettings {
  readonly name: string;
  readonly traits: TargetTraits;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly form: RequestForm;
  readonly judge: Judge;
  /** Whether each record has a request of its own. */
  readonly perRecord: boolean;
  /** Makes the encoder once the columns are known. */
  body(columns: readonly OutputColumn[]): BatchBody;
}

/** A server that gets batches, or single records, as requests. */
export class HttpTarget implements Target {
  readonly name: string;
  readonly traits: TargetTraits;
  readonly #settings: HttpTargetSettings;
  #opened: Opened | null = null;
  /** Batches of which an attempt failed. */
  readonly #begun = new WeakMap<Records, Transmission>();

  constructor(settings: HttpTargetSettings) {
    this.name = settings.name;
    this.traits = settings.traits;
    this.#settings = settings;
  }

  /** Nothing is sent before there is a record. */
  async open({ jobId, columns, mark }: OpenTarget): Promise<Mark> {
    const { origin, form, body } = this.#settings;
    this.#opened = { jobId, body: body(columns), lanes: await Lanes.open(origin, form) };
    return mark ?? {};
  }

  async write(how: WriteBatch): Promise<Written> {
    if (!this.#opened) throw new TypeError('the target is not open');
    const transmission = this.#begun.get(how.records) ?? this.#begin(this.#opened, how);
    await this.#opened.lanes.use(how.signal, lane => transmission.send(lane, how));
    return { mark: {}, count: transmission.accepted, refused: transmission.refused };
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {
    await this.#opened?.lanes.close();
  }

  #begin({ jobId, body }: Opened, how: WriteBatch): Transmission {
    const encoded: EncodedBatch = body.encode(how.records);
    const prepare = this.#settings.perRecord ? recordRequests : batchRequests;
    const transmission = new Transmission(encoded, prepare(jobId, encoded, how), this.#settings.judge);
    this.#begun.set(how.records, transmission);
    return transmission;
  }
}

interface Opened {
  readonly jobId: string;
  readonly body: BatchBody;
  readonly lanes: Lanes;
}
