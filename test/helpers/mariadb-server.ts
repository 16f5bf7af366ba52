import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { temporaryDirectory } from './temporary.js';

function program(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map(folder => join(folder, name)).find(existsSync);
}

const install = program('mariadb-install-db');
const server = program('mariadbd');

/** Why no server of our own can be started; false if one can. */
export const missingServer: string | false = install && server ? false : 'MariaDB is not installed here';

const servers: MariadbServer[] = [];

after(async () => {
  for (const started of servers) await started.kill();
});

/** A server of its own, in a temporary directory, on a free port of 127.0.0.1 and a socket in that directory. */
export class MariadbServer {
  readonly directory: string;
  readonly port: number;
  readonly #options: readonly string[];
  #process: ChildProcess | null = null;

  private constructor(directory: string, port: number, options: readonly string[]) {
    this.directory = directory;
    this.port = port;
    this.#options = options;
  }

  /** Makes one, with a database `test`, and starts it. User `root` gets in without a password. `optionsFor` answers options for the server. */
  static async start(
    optionsFor: (directory: string) => readonly string[] = () => [],
  ): Promise<MariadbServer> {
    const directory = await temporaryDirectory();
    const made = new MariadbServer(directory, await freePort(), optionsFor(directory));
    servers.push(made);
    const words = [
      `--datadir=${join(directory, 'data')}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ];
    execFileSync(install!, ['--no-defaults', ...words, ...made.#user], { stdio: 'ignore' });
    await writeFile(join(directory, 'init.sql'), 'CREATE DATABASE IF NOT EXISTS test;\n');
    await made.begin();
    return made;
  }

  get socket(): string {
    return join(this.directory, 'socket');
  }

  /** `mysql://root@127.0.0.1:port/test#table`, with what stands behind the `?`. */
  url(table: string, query = ''): string {
    return `mysql://root@127.0.0.1:${this.port}/test${query === '' ? '' : `?${query}`}#${table}`;
  }

  /** Starts the server (again) and waits until it lets clients in. */
  async begin(): Promise<void> {
    const { directory } = this;
    const started = spawn(
      server!,
      [
        '--no-defaults',
        `--datadir=${join(directory, 'data')}`,
        `--socket=${this.socket}`,
        `--port=${this.port}`,
        '--bind-address=127.0.0.1',
        `--pid-file=${join(directory, 'pid')}`,
        `--init-file=${join(directory, 'init.sql')}`,
        ...this.#user,
        ...this.#options,
      ],
      { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = started;
    let log = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const ended = once(started, 'exit').then(() => true);
    while (!/ready for connections/.test(log)) {
      if ((await Promise.race([ended, once(started.stderr, 'data')])) === true) {
        throw new Error(`the server does not start: ${log}`);
      }
    }
  }

  /** Ends the server at once, as a lack of power does. */
  async kill(): Promise<void> {
    const started = this.#process;
    if (!started || started.exitCode !== null || started.signalCode !== null) return;
    const ended = once(started, 'exit');
    started.kill('SIGKILL');
    await ended;
  }

  /** It does not run as root unless it is told to. */
  get #user(): readonly string[] {
    return process.getuid?.() === 0 ? ['--user=root'] : [];
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
