import { readdirSync, readFileSync } from 'node:fs';
import { after } from 'node:test';
import type { Event } from '#tranche/core/events.js';
import type { Target } from '#tranche/core/target.js';
import { createTarget } from '#tranche/targets/index.js';
import type { TargetOptions } from '#tranche/targets/target-kind.js';
import { columnsOf, opening } from './target-calls.js';
import { Sink } from './workplace.js';

const opened: Target[] = [];

after(async () => {
  await Promise.allSettled(opened.map(target => target.close(false)));
});

/** A target `exec:LINE` that is open, and what its command said. */
export async function openExec(
  line: string,
  options: TargetOptions = {},
  timeout = 60_000,
): Promise<{ readonly target: Target; readonly said: string[] }> {
  const said: string[] = [];
  const report = (event: Event) => {
    if (event.type === 'log') said.push(event.message);
  };
  const context = {
    options,
    stdout: new Sink(),
    sourceFormat: 'csv',
    reshaped: false,
    timeout,
    report,
  } as const;
  const target = await createTarget(`exec:${line}`, context);
  opened.push(target);
  await target.open(opening(columnsOf('id:integer!', 'name')));
  return { target, said };
}

/** Command lines of all processes that live and whose environment has the variable `name` with this value. */
export function processesWith(name: string, value: string): string[] {
  return readdirSync('/proc').flatMap(pid => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      const isZombie = /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
      if (isZombie || !environment.includes(`${name}=${value}`)) return [];
      return [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}
