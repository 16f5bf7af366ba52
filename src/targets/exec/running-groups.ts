import type { ChildProcess } from 'node:child_process';

/** Signals that end a process which does not listen to them. */
const deadly = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGABRT',
  'SIGALRM',
  'SIGUSR2',
  'SIGXCPU',
] as const;

/** Process groups that must not outlive this process: whatever ends it, but a kill -9 or a crash, kills them first. */
export class RunningGroups {
  readonly #leaders = new Set<number>();
  #isWatching = false;

  /** Starts a process that leads a group. Listens for signals first: one that came right behind the start would leave it an orphan. */
  start(begin: () => ChildProcess): ChildProcess {
    if (!this.#isWatching) this.#watch();
    const child = begin();
    if (child.pid === undefined) this.#rest();
    else this.#leaders.add(child.pid);
    return child;
  }

  /** Nobody is left in a group. */
  delete(leader: number): void {
    this.#leaders.delete(leader);
    this.#rest();
  }

  #rest(): void {
    if (this.#leaders.size === 0) this.#unwatch();
  }

  #watch(): void {
    this.#isWatching = true;
    process.on('exit', this.#killAll);
    for (const signal of deadly) process.on(signal, this.#receive);
  }

  #unwatch(): void {
    this.#isWatching = false;
    process.off('exit', this.#killAll);
    for (const signal of deadly) process.off(signal, this.#receive);
  }

  readonly #killAll = (): void => {
    for (const leader of this.#leaders) signalGroup(leader, 'SIGKILL');
  };

  /** Whoever listens besides us decides what a signal means; where nobody does, it ends us. */
  readonly #receive = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return;
    this.#killAll();
    this.#unwatch();
    process.kill(process.pid, signal);
  };
}

/** Sends a signal to all of a process group. False if nobody is left in it. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch (error) {
    // EPERM: somebody is there who changed to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
