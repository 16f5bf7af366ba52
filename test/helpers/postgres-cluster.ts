import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, chown, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from './temporary.js';

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Where the programs of a server are: the newest that is installed. */
const programs = [
  ...(process.env['PATH'] ?? '').split(':'),
  ...(existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .sort((a, b) => Number(b) - Number(a))
        .map(version => `/usr/lib/postgresql/${version}/bin`)
    : []),
].find(folder => existsSync(join(folder, 'initdb')));

/** A server does not run as root: it gets the user that its package made. */
const owner: Owner | null = process.getuid?.() === 0 ? idOf('postgres') : {};

/** Why no server of our own can be started; false if one can. */
export const missingCluster: string | false =
  programs === undefined ? 'no initdb is installed' : owner === null ? 'there is no user postgres' : false;

const clusters: PostgresCluster[] = [];

after(async () => {
  for (const cluster of clusters) await cluster.end('SIGQUIT');
});

/** A server of its own, in a temporary directory, on a free port of 127.0.0.1 and a socket in that directory. */
export class PostgresCluster {
  readonly directory: string;
  readonly port: number;
  #server: ChildProcess | null = null;

  private constructor(directory: string, port: number) {
    this.directory = directory;
    this.port = port;
  }

  /** Makes one and starts it. User `postgres` gets in without a password. */
  static async start(settings: readonly string[] = []): Promise<PostgresCluster> {
    const directory = await temporaryDirectory();
    const cluster = new PostgresCluster(directory, await freePort());
    clusters.push(cluster);
    await give(directory);
    execFileSync(join(programs!, 'initdb'), ['-D', cluster.data, '-U', 'postgres', '-A', 'trust', '-N'], {
      ...owner,
      cwd: directory,
      stdio: 'ignore',
    });
    const lines = [
      "listen_addresses = '127.0.0.1'",
      `port = ${cluster.port}`,
      `unix_socket_directories = '${directory}'`,
      ...settings,
    ];
    await appendFile(join(cluster.data, 'postgresql.conf'), `${lines.join('\n')}\n`);
    await cluster.begin();
    return cluster;
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  /** Database `postgres`, as user `postgres`. */
  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts the server (again) and waits until it lets clients in. */
  async begin(): Promise<void> {
    for (let tries = 0; ; tries++) {
      const server = spawn(join(programs!, 'postgres'), ['-D', this.data], {
        ...owner,
        cwd: this.directory,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let log = '';
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
      const ended = once(server, 'exit').then(() => true);
      while (!/ready to accept connections/.test(log)) {
        if ((await Promise.race([ended, once(server.stderr, 'data')])) === true) break;
      }
      this.#server = server;
      if (server.exitCode === null && server.signalCode === null) return;
      // What was killed lets go of its memory a moment later.
      if (tries === 50) throw new Error(`the server does not start: ${log}`);
      await sleep(100);
    }
  }

  /** Ends the server: SIGQUIT for an immediate shutdown, SIGINT for one that ends sessions first, SIGKILL for none at all. */
  async end(signal: 'SIGQUIT' | 'SIGINT' | 'SIGKILL'): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  /** Replaces who is let in how: the lines of pg_hba.conf. Read when the server begins. */
  async letIn(...lines: readonly string[]): Promise<void> {
    await writeFile(join(this.data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
  }

  /** Sets a parameter of the configuration. Read when the server begins. */
  async set(name: string, value: string): Promise<void> {
    await appendFile(join(this.data, 'postgresql.conf'), `${name} = ${value}\n`);
  }

  /** Runs a statement over the socket. */
  async run(sql: string): Promise<void> {
    const words = ['-qX', '-h', this.directory, '-p', String(this.port), '-U', 'postgres', '-c', sql];
    execFileSync('psql', words, { stdio: 'ignore' });
  }

  /** Puts a file into the data directory, for the server's eyes alone. */
  async put(name: string, from: string): Promise<void> {
    const path = join(this.data, name);
    await writeFile(path, await readFile(from), { mode: 0o600 });
    await give(path);
  }
}

async function give(path: string): Promise<void> {
  if (owner?.uid !== undefined && owner.gid !== undefined) await chown(path, owner.uid, owner.gid);
}

function idOf(user: string): Owner | null {
  try {
    const id = (what: string): number => Number(execFileSync('id', [what, user], { stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
