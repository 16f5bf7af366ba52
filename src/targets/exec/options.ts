import { choice } from '../../core/options.js';

/** How commands are run. */
export const execOptions = {
  execMode: choice({
    group: 'modules and commands',
    value: 'MODE',
    summary: 'run the command for each batch, or once for many (stream)',
    fallback: 'batch',
    choices: ['batch', 'stream'],
  }),
} as const;
