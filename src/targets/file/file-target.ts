import type { OutputColumn } from '../../core/columns.js';
import type { Mark } from '../../core/position.js';
import type { OpenTarget, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import type { Encoder, OutputBuffer } from '../../formats/encoder.js';
import type { Output } from '../../storage/output.js';

/** Room of a new buffer: the output of a batch of usual size fits. */
const BUFFER_BYTES = 1024 * 1024;

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
  readonly #buffer = new GrowingBuffer();
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

  async write({ records }: WriteBatch): Promise<Written> {
    const output = records.count > 0 ? await this.#begun() : this.#opened();
    this.#buffer.length = 0;
    const refused = this.#encoder!.encode(records, this.#buffer);
    await output.append(this.#buffer.bytes.subarray(0, this.#buffer.length));
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

class GrowingBuffer implements OutputBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  length = 0;

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
