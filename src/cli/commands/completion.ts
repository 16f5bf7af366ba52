import { flag } from '../../core/options.js';
import { type Command, command } from '../command.js';
import { bashCompletion } from '../completions/bash.js';
import { completables } from '../completions/completable.js';
import { fishCompletion } from '../completions/fish.js';
import { zshCompletion } from '../completions/zsh.js';
import { print } from '../output.js';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `tranche completion SHELL`, for the commands that `load` answers. */
export function completionCommand(load: () => Promise<readonly Command[]>): Command {
  return command({
    name: 'completion',
    operands: [{ name: 'SHELL', summary: 'the shell', choices: Object.keys(shells) }],
    options: { json: flag({ group: 'display', summary: 'print shell and script as JSON' }) } as const,
    examples: [
      { line: 'source <(tranche completion bash)', does: 'in ~/.bashrc' },
      { line: 'tranche completion fish > ~/.config/fish/completions/tranche.fish', does: 'once, for fish' },
    ],
    exitCodes: [0, 1, 2],
    run: async ({ operands, options: { json } }) => {
      const [shell] = operands as readonly [keyof typeof shells];
      const script = shells[shell](completables(await load()));
      await print(json ? `${JSON.stringify({ shell, script })}\n` : script);
      return 0;
    },
  });
}
