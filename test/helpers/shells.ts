import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Asks a shell, in a directory that holds its script as `completion.SHELL`, what it offers for the last of the words. */
type Ask = (cwd: string, words: readonly string[]) => string;

const bash: Ask = (cwd, words) => {
  const script = `source completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tranche; printf '%s\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script, 'bash', ...words], { cwd, encoding: 'utf8' });
};

const fish: Ask = (cwd, words) => {
  const script = `source completion.fish; complete -C '${words.join(' ')}'`;
  // Its own settings are those of a home that has none.
  const env = { ...process.env, HOME: cwd, XDG_CONFIG_HOME: cwd };
  const offered = execFileSync('fish', ['-c', script], { cwd, env, encoding: 'utf8' });
  return offered.replace(/\t.*$/gm, '');
};

/** An interactive zsh whose compadd tells what it is given. */
const zshSettings = `
PROMPT=
autoload -Uz compinit; compinit -u -D
source ./completion.zsh
bindkey '^I' complete-word
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-[OAD]\\ * ]]; then builtin compadd "$@"; return; fi
  local hit; local -a hits
  builtin compadd -O hits "$@"
  for hit in $hits; print -r -- "<$hit>"
  builtin compadd "$@"
}
completed() { print '[end]'; exit }
comppostfuncs=(completed)
print '[ready]'
`;

const zshDialogue = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'source ./settings.zsh'
zpty -r z text '*\\[ready\\]*'
zpty -w -n z "$1"$'\\t'
zpty -r z text '*\\[end\\]*'
print -r -- "$text"
`;

const zsh: Ask = (cwd, words) => {
  writeFileSync(join(cwd, 'settings.zsh'), zshSettings);
  const shown = execFileSync('zsh', ['-f', '-c', zshDialogue, 'zsh', words.join(' ')], {
    cwd,
    encoding: 'utf8',
  });
  return [...shown.matchAll(/<([^>\n]*)>/g)].map(([, hit]) => hit).join('\n');
};

const shells = { bash, zsh, fish } as const;

/** A shell that completes. */
export type Shell = keyof typeof shells;

/** Why a shell cannot be asked; false if it can. */
export function shellMissing(shell: Shell): string | false {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return false;
  } catch {
    return `${shell} is not installed`;
  }
}

/** What a shell offers for the last of the words, sorted, each once. */
export function offered(shell: Shell, cwd: string, words: readonly string[]): string[] {
  const lines = shells[shell](cwd, words).split('\n');
  return [...new Set(lines.filter(line => line !== ''))].sort();
}
