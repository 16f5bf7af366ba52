import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { places } from './places.mjs';

/** Installs the packages of bench/package.json into bench/node_modules, unless they are there. */
export function installPackages() {
  if (fs.existsSync(places.packages)) return;
  const words = ['ci', '--prefix', places.bench];
  console.error(`npm ${words.join(' ')}`);
  const { status } = spawnSync('npm', words, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('the packages of the measurements could not be installed');
}
