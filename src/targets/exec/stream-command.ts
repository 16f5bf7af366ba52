import { givenUp } from '../waiting.js';
import type { Command } from './command.js';
import { failed, failureOf, quote } from './exit.js';
import { type Acknowledgement, AcknowledgementReader } from './protocol.js';
import type { Delivery } from './runner.js';

/** Characters of an answer's line. */
const LONGEST = 65_536;
/** Characters of a wrong line that an error shows. */
const SHOWN = 200;

/** Ends a batch: a blank line. */
const END = Buffer.from('\n');

/** What waits for the lines of an answer. */
interface Waiting {
  readonly reader: AcknowledgementReader;
  readonly resolve: (answer: Acknowledgement) => void;
  readonly reject: (error: Error) => void;
}

/** A command that runs for many batches, one at a time. */
export class StreamCommand {
  readonly #command: Command;
  #waiting: Waiting | null = null;
  #line = '';
  /** Set once: what it said cannot be told to which batch it belongs. */
  #broken: Error | null = null;

  constructor(command: Command) {
    this.#command = command;
    command.listen(text => this.#take(text));
  }

  /** Whether it may be given a batch: it lives, and kept to the protocol. */
  get isUsable(): boolean {
    return !this.#command.hasEnded && this.#broken === null;
  }

  /** Hands over a batch and waits for the answer. After a throw the command has ended. */
  async deliver({ content, count, signal }: Delivery): Promise<Acknowledgement> {
    const answered = new Promise<Acknowledgement>((resolve, reject) => {
      this.#waiting = { reader: new AcknowledgementReader(count), resolve, reject };
    });
    const giveUp = () => this.#fail(givenUp('the command', signal));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    if (this.#broken) this.#fail(this.#broken);
    this.#command.write(content);
    this.#command.write(END);
    try {
      return await Promise.race([answered, this.#gone()]);
    } catch (error) {
      await this.#command.terminate();
      throw error;
    } finally {
      this.#waiting = null;
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Ends its input and waits for its end. Throws if that is a failure: it may have lost what it had answered for. */
  async close(): Promise<void> {
    this.#command.finish();
    const failure = failureOf(await this.#command.ended, this.#command.lastWords);
    if (failure) throw failure;
  }

  /** Ends it at once. */
  async terminate(): Promise<void> {
    await this.#command.terminate();
  }

  async #gone(): Promise<never> {
    const exit = await this.#command.ended;
    const { lastWords } = this.#command;
    throw (
      failureOf(exit, lastWords) ??
      failed(`the command ended without an answer to its batch${quote(lastWords)}`)
    );
  }

  #take(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop()!;
    for (const line of lines) this.#answer(line);
    if (this.#line.length > LONGEST) {
      this.#break(this.#line, 'its line is too long');
      this.#line = '';
    }
  }

  #answer(line: string): void {
    if (!this.#waiting) {
      this.#break(line, 'it was given no batch to answer');
      return;
    }
    try {
      const answer = this.#waiting.reader.take(line);
      if (!answer) return;
      this.#waiting.resolve(answer);
      this.#waiting = null;
    } catch (error) {
      this.#break(line, (error as TypeError).message);
    }
  }

  #break(line: string, why: string): void {
    this.#broken ??= failed(`the command answered ${JSON.stringify(line.slice(0, SHOWN))}: ${why}`);
    this.#fail(this.#broken);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
