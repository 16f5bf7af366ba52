import type { Command } from '../command.js';

/** Every command by its first word, loaded when it is called. */
export const commands: { readonly [word: string]: () => Promise<readonly Command[]> } = {
  copy: async () => [(await import('./copy.js')).copyCommand],
  status: async () => [(await import('./status.js')).statusCommand],
  rejects: async () => [(await import('./rejects.js')).rejectsCommand],
  'retry-rejects': async () => [(await import('./retry-rejects.js')).retryRejectsCommand],
  checkpoint: async () => {
    const { showCommand, removeCommand } = await import('./checkpoint.js');
    return [showCommand, removeCommand];
  },
  completion: async () => [(await import('./completion.js')).completionCommand(allCommands)],
};

async function allCommands(): Promise<readonly Command[]> {
  const loaded = await Promise.all(Object.values(commands).map(load => load()));
  return loaded.flat();
}
