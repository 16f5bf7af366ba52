import { timeOver } from '../goals.mjs';
import { trancheCommand } from '../programs.mjs';

/** What every command pays before it does anything. */
export const startup = {
  name: 'startup',
  title: 'Start-up',
  moreRuns: 4,
  entries: [
    { label: 'node -e 0', program: 'node', command: () => [process.execPath, '-e', '0'] },
    { label: 'tranche --version', program: 'tranche', command: () => trancheCommand(['--version']) },
    { label: 'tranche copy --help', program: 'tranche', command: () => trancheCommand(['copy', '--help']) },
  ],
  goals: [
    timeOver('tranche --version', 'node -e 0', { floor: 1.6 }),
    timeOver('tranche copy --help', 'node -e 0', { floor: 2 }),
  ],
};
