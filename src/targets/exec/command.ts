import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { ioError, TrancheError } from '../../core/errors.js';
import { Heard } from './heard.js';
import { RunningGroups, signalGroup } from './running-groups.js';

/** Milliseconds between TERM and KILL, and for what a command leaves running in the background to end by itself. */
const GRACE = 2000;
/** Milliseconds between two looks at a group that is to end. */
const LOOK = 20;

const groups = new RunningGroups();

/** How a command is started. */
export interface CommandSettings {
  /** For the shell, as the person wrote it. */
  readonly line: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes each line that it says on stderr, and on stdout unless somebody else reads that. */
  readonly tell: (line: string) => void;
}

/** How a command ended. */
export interface Exit {
  /** Null if a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A command of the shell in a process group and session of its own, so that a Ctrl-C of the terminal does not reach it, and all that it starts can be ended with it.
 */
export class Command {
  readonly #child: ChildProcess;
  readonly #stderr: Heard;
  readonly #stdout: Heard;
  /** Resolves when the command and all of its group have ended. */
  readonly ended: Promise<Exit>;

  private constructor(child: ChildProcess, tell: (line: string) => void) {
    this.#child = child;
    this.#stderr = new Heard(tell);
    this.#stdout = new Heard(tell);
    // A command need not read its input.
    child.stdin?.on('error', () => {});
    child.stderr!.setEncoding('utf8').on('data', (text: string) => this.#stderr.take(text));
    this.ended = this.#end();
  }

  /** Starts a command that reads an open file, or what it is given with {@link write}. Throws a transient error if the system has no room for another process. */
  static async start({ line, env, tell }: CommandSettings, input: number | 'pipe'): Promise<Command> {
    const child = groups.start(() =>
      spawn('/bin/sh', ['-c', line], { env, detached: true, stdio: [input, 'pipe', 'pipe'] }),
    );
    if (child.pid === undefined) {
      const error = await new Promise<unknown>(resolve => child.once('error', resolve));
      const { message } = ioError('start', '/bin/sh', error);
      throw new TrancheError('io', message, { kind: 'transient', operation: 'spawn', cause: error });
    }
    return new Command(child, tell);
  }

  /** True once it has ended; what it started may still run. */
  get hasEnded(): boolean {
    const { exitCode, signalCode } = this.#child;
    return exitCode !== null || signalCode !== null;
  }

  /** What it said last, on stderr or, if it said nothing there, on stdout. */
  get lastWords(): string {
    return this.#stderr.lastWords || this.#stdout.lastWords;
  }

  /** Takes what it says on stdout. */
  listen(take: (text: string) => void = text => this.#stdout.take(text)): void {
    this.#child.stdout!.setEncoding('utf8').on('data', take);
  }

  /** Gives it bytes to read. */
  write(bytes: Buffer): void {
    this.#child.stdin?.write(bytes);
  }

  /** Ends its input. */
  finish(): void {
    this.#child.stdin?.end();
  }

  /** Ends it and all of its group: TERM, and KILL for who is there after a while. */
  async terminate(): Promise<void> {
    await endGroup(this.#child.pid!);
    await this.ended;
  }

  async #end(): Promise<Exit> {
    const child = this.#child;
    const closed = new Promise<void>(resolve => child.once('close', () => resolve()));
    const exit = await new Promise<Exit>(resolve =>
      child.once('exit', (status, signal) => resolve({ status, signal })),
    );
    // What it left in the background may still hold its streams.
    const patience = new AbortController();
    const waited = pause(GRACE, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([closed, waited]);
    patience.abort();
    await endGroup(child.pid!);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    this.#stdout.finish();
    this.#stderr.finish();
    groups.delete(child.pid!);
    return exit;
  }
}

async function endGroup(leader: number): Promise<void> {
  if (!signalGroup(leader, 'SIGTERM')) return;
  const deadline = performance.now() + GRACE;
  while (performance.now() < deadline) {
    await pause(LOOK);
    if (!signalGroup(leader, 0)) return;
  }
  signalGroup(leader, 'SIGKILL');
}
