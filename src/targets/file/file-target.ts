import type { OutputColumn } from '../../core/columns.js';
import type { Mark } from '../../core/position.js';
import type { OpenTarget, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import type { Encoder } from '../../formats/encoder.js';
import type { Output } from '../../storage/output.js';
import { GrowingBuffer } from '../growing-buffer.js';

/** What a file target is made of. */
export interface FileTargetSettings {
  readonly name: string;
  readonly traits: TargetTraits;
  /** Makes the encoder once the columns are known. */
  encoder(columns: readonly OutputColumn[]): Encoder;
  /** Opens the storage where the checkpoint left it. `header` is what a file without records consists of. */
  output(how: OpenTarget, header: Buffer): Promise<Output>;
}

/** Records as bytes in a file or on stdout. */
export class FileTarget implements Target {
  readonly name: string;
  readonly traits: TargetTraits;
  readonly #settings: FileTargetSettings;
  /** The one to be filled next, and the one that may still be written from. */
  #buffers: readonly [GrowingBuffer, GrowingBuffer] = [new GrowingBuffer(), new GrowingBuffer()];
  #encoder: Encoder | null = null;
  #output: Output | null = null;

  constructor(settings: FileTargetSettings) {
    this.name = settings.name;
    this.traits = settings.traits;
    this.#settings = settings;
  }

  async open(how: OpenTarget): Promise<Mark> {
    this.#encoder = this.#settings.encoder(how.columns);
    // Columns that nobody knows yet are no empty line.
    const header = how.columns.length > 0 ? this.#encoder.header() : Buffer.alloc(0);
    this.#output = await this.#settings.output(how, header);
    return this.#output.mark();
  }

  async write({ records, demandWhole }: WriteBatch): Promise<Written> {
    const output = records.count > 0 ? await this.#begun() : this.#opened();
    const [buffer, other] = this.#buffers;
    buffer.length = 0;
    const refused = this.#encoder!.encode(records, buffer);
    demandWhole(refused);
    this.#buffers = [other, buffer];
    await output.append(buffer.content);
    return { mark: output.mark(), count: records.count - refused.length, refused };
  }

  async sync(): Promise<void> {
    await this.#opened().sync();
  }

  async close(complete: boolean): Promise<void> {
    await this.#output?.close(complete);
  }

  /** The header is not written by `open`: there has to be a checkpoint before there is anything to take back. */
  async #begun(): Promise<Output> {
    const output = this.#opened();
    if (output.isEmpty) await output.append(this.#encoder!.header());
    return output;
  }

  #opened(): Output {
    if (!this.#output) throw new TypeError('the target is not open');
    return this.#output;
  }
}
