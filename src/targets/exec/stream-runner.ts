import { withinTime } from '../waiting.js';
import { Command, type CommandSettings } from './command.js';
import type { Acknowledgement } from './protocol.js';
import type { Delivery, Runner } from './runner.js';
import { StreamCommand } from './stream-command.js';

/** Keeps commands running, as many as batches are in flight at once, and starts another where one has failed. */
export class StreamRunner implements Runner {
  readonly #settings: CommandSettings;
  readonly #timeout: number;
  #idle: StreamCommand[] = [];

  /** `timeout`: milliseconds that a command may take to end after its last batch. */
  constructor(settings: CommandSettings, timeout: number) {
    this.#settings = settings;
    this.#timeout = timeout;
  }

  async deliver(delivery: Delivery): Promise<Acknowledgement> {
    const command = this.#idleOne() ?? new StreamCommand(await Command.start(this.#settings, 'pipe'));
    const answer = await command.deliver(delivery);
    this.#idle.push(command);
    return answer;
  }

  async close(): Promise<void> {
    const idle = this.#idle;
    this.#idle = [];
    const ends = await Promise.allSettled(idle.map(command => this.#end(command)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #end(command: StreamCommand): Promise<void> {
    try {
      await withinTime(command.close(), this.#timeout, 'the end of the command');
    } finally {
      await command.terminate();
    }
  }

  /** One that waits for a batch. Others that cannot be used any more are ended: what ended by itself had answered for all that it got. */
  #idleOne(): StreamCommand | undefined {
    for (let command = this.#idle.pop(); command; command = this.#idle.pop()) {
      if (command.isUsable) return command;
      void command.terminate();
    }
    return undefined;
  }
}
