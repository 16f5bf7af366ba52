import { givenUp } from '../waiting.js';
import { Command, type CommandSettings } from './command.js';
import { failureOf } from './exit.js';
import { inputFile } from './input-file.js';
import type { Acknowledgement } from './protocol.js';
import type { Delivery, Runner } from './runner.js';

/** Runs the command for each batch, with its records on stdin; its exit status is the answer. */
export class BatchRunner implements Runner {
  readonly #settings: CommandSettings;

  constructor(settings: CommandSettings) {
    this.#settings = settings;
  }

  async deliver({ content, variables, signal }: Delivery): Promise<Acknowledgement> {
    const command = await this.#start(content, variables());
    const end = () => void command.terminate();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    command.listen();
    const exit = await command.ended;
    signal.removeEventListener('abort', end);
    // Whatever its status says, it was told to end.
    if (signal.aborted) throw givenUp('the command', signal);
    const failure = failureOf(exit, command.lastWords);
    if (failure) throw failure;
    return { kind: 'ok', rejected: [] };
  }

  async close(): Promise<void> {}

  async #start(content: Buffer, variables: NodeJS.ProcessEnv): Promise<Command> {
    const { line, env, tell } = this.#settings;
    const input = await inputFile(content);
    try {
      return await Command.start({ line, tell, env: { ...env, ...variables } }, input.fd);
    } finally {
      await input.close();
    }
  }
}
