import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { storedPassword } from '#tranche/postgres/pgpass.js';
import { Authority, type Identity, missingOpenssl } from '../../helpers/authority.js';
import { missingCluster, PostgresCluster } from '../../helpers/postgres-cluster.js';
import { flights, tranche } from '../../helpers/program.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingCluster || missingOpenssl;
let cluster: PostgresCluster;
let authority: Authority;
let other: Authority;
/** What role `clerk` shows. */
let clerk: Identity;

before(async () => {
  if (skip !== false) return;
  [authority, other] = await Promise.all([Authority.make(), Authority.make()]);
  clerk = authority.sign('clerk');
  const { cert, key } = authority.sign('server', 'DNS:localhost');
  cluster = await PostgresCluster.start();
  await cluster.put('server.crt', cert);
  await cluster.put('server.key', key);
  await cluster.put('root.crt', authority.path);
  await cluster.set('ssl_ca_file', "'root.crt'");
  await cluster.run(`CREATE ROLE clerk LOGIN SUPERUSER PASSWORD 'open:se\\same'`);
});

interface Attempt {
  readonly host?: string;
  readonly parameters?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: string;
}

let jobs = 0;

async function attempt({ host = 'localhost', parameters = '', env = {}, user = 'postgres' }: Attempt) {
  const cwd = await temporaryDirectory();
  const url = `postgres://${user}@${host}:${cluster.port}/postgres?${parameters}#t${++jobs}`;
  const words = ['copy', flights, url, '--limit', '10', '--retries', '0', '--progress', 'none'];
  return await tranche(words, { cwd, env: { PGPASSFILE: join(cwd, 'none'), ...env } });
}

async function serve(ssl: 'on' | 'off', ...lines: readonly string[]): Promise<void> {
  await cluster.end('SIGINT');
  await cluster.letIn(...lines);
  await cluster.set('ssl', ssl);
  await cluster.begin();
}

const root = ({ path }: Authority) => `sslrootcert=${encodeURIComponent(path)}`;

const shows = ({ cert, key }: Identity) =>
  `sslcert=${encodeURIComponent(cert)}&sslkey=${encodeURIComponent(key)}`;

type Case = readonly [name: string, how: Attempt, failure: RegExp | null];

/** Tries each: it is let in, or told what is wrong. */
async function tryEach(t: TestContext, cases: readonly Case[]): Promise<void> {
  for (const [name, how, failure] of cases) {
    await t.test(name, async () => {
      const { code, stderr } = await attempt(how);
      if (failure === null) assert.equal(code, 0, stderr);
      else assert.match(stderr, failure);
      assert.equal(code === 0, failure === null, stderr);
    });
  }
}

test('TLS: each sslmode does what libpq means by it', { skip }, async t => {
  await serve('on', 'hostssl all all 127.0.0.1/32 trust', 'local all all trust');
  await tryEach(t, [
    ['disable', { parameters: 'sslmode=disable' }, /no pg_hba.conf entry.*no encryption/],
    ['prefer', { parameters: 'sslmode=prefer' }, null],
    ['require asks for no name', { parameters: 'sslmode=require' }, null],
    [
      'require, with an authority that is another',
      { parameters: `sslmode=require&${root(other)}` },
      /certificate is not trusted/,
    ],
    ['verify-ca', { parameters: `sslmode=verify-ca&${root(authority)}` }, null],
    [
      'verify-ca asks for no name',
      { host: '127.0.0.1', parameters: `sslmode=verify-ca&${root(authority)}` },
      null,
    ],
    [
      'verify-ca, an authority that is another',
      { parameters: `sslmode=verify-ca&${root(other)}` },
      /certificate is not trusted.*sslrootcert/s,
    ],
    [
      'verify-ca, an authority that nobody knows',
      { parameters: 'sslmode=verify-ca' },
      /certificate is not trusted/,
    ],
    ['verify-full', { parameters: `sslmode=verify-full&${root(authority)}` }, null],
    [
      'verify-full, another name',
      { host: '127.0.0.1', parameters: `sslmode=verify-full&${root(authority)}` },
      /certificate is not trusted.*127\.0\.0\.1/s,
    ],
    [
      'verify-full, by variables',
      {
        parameters: '',
        env: { PGSSLMODE: 'verify-full', PGSSLROOTCERT: other.path },
      },
      /not trusted/,
    ],
    [
      'no such file',
      { parameters: 'sslmode=verify-ca&sslrootcert=/nowhere.crt' },
      /\/nowhere\.crt does not exist/,
    ],
    ['no such mode', { parameters: 'sslmode=sure' }, /sslmode is one of disable/],
    ['allow: encrypted where nothing else is let in', { parameters: 'sslmode=allow' }, null],
    [
      'allow, with an authority that is another',
      { parameters: `sslmode=allow&${root(other)}` },
      /certificate is not trusted/,
    ],
  ]);
});

test('TLS: allow and prefer come in whichever way they are let in', { skip }, async t => {
  await serve(
    'on',
    'hostnossl all postgres 127.0.0.1/32 trust',
    'hostssl all clerk 127.0.0.1/32 scram-sha-256',
    'local all all trust',
  );
  const password = { PGPASSWORD: 'open:se\\same' };
  await tryEach(t, [
    ['allow: in the clear first', { parameters: `sslmode=allow&${root(other)}` }, null],
    ['prefer: in the clear where TLS is not let in', { parameters: 'sslmode=prefer' }, null],
    ['prefer: in the clear where TLS fails', { parameters: `sslmode=prefer&${root(other)}` }, null],
    ['require: not in the clear', { parameters: 'sslmode=require' }, /no pg_hba.conf entry.*SSL encryption/],
    ['allow, by variable', { user: 'clerk', env: { ...password, PGSSLMODE: 'allow' } }, null],
    [
      'allow: what is wrong is told of the attempt that came further',
      { user: 'clerk', parameters: 'sslmode=allow', env: { PGPASSWORD: 'wrong' } },
      /password authentication failed/,
    ],
    [
      'prefer: what is wrong is told of the attempt that came further',
      { user: 'clerk', parameters: 'sslmode=prefer', env: { PGPASSWORD: 'wrong' } },
      /password authentication failed/,
    ],
  ]);
});

test('TLS: a client shows its certificate', { skip }, async t => {
  await serve('on', 'hostssl all all 127.0.0.1/32 cert', 'local all all trust');
  const home = await temporaryDirectory();
  await mkdir(join(home, '.postgresql'));
  for (const [from, to] of [
    [clerk.cert, 'postgresql.crt'],
    [clerk.key, 'postgresql.key'],
    [authority.path, 'root.crt'],
  ] as const) {
    await copyFile(from, join(home, '.postgresql', to));
  }
  const open = join(home, 'open.key');
  await copyFile(clerk.key, open);
  await chmod(open, 0o644);
  const stranger = other.sign('clerk');
  const notPem = join(home, 'not.pem');
  await writeFile(notPem, 'no key', { mode: 0o600 });
  const user = 'clerk';
  await tryEach(t, [
    ['by parameters', { user, parameters: `sslmode=verify-full&${root(authority)}&${shows(clerk)}` }, null],
    [
      'by variables',
      {
        user,
        env: {
          PGSSLMODE: 'verify-full',
          PGSSLROOTCERT: authority.path,
          PGSSLCERT: clerk.cert,
          PGSSLKEY: clerk.key,
        },
      },
      null,
    ],
    ['in the files of libpq', { user, parameters: 'sslmode=verify-full', env: { HOME: home } }, null],
    ['at the second attempt', { user, parameters: `sslmode=allow&${shows(clerk)}` }, null],
    ['none', { user, parameters: 'sslmode=require' }, /requires a valid client certificate/],
    [
      'of another role',
      { parameters: `sslmode=require&${shows(clerk)}` },
      /certificate authentication failed/,
    ],
    [
      'of an authority that the server does not know',
      { user, parameters: `sslmode=require&${shows(stranger)}` },
      /unknown ca.*sslcert/s,
    ],
    [
      'without its key',
      { user, parameters: `sslmode=require&sslcert=${encodeURIComponent(clerk.cert)}` },
      /no key to the certificate.*sslkey/s,
    ],
    [
      'with the key of another',
      { user, parameters: `sslmode=require&${shows({ ...clerk, key: stranger.key })}` },
      /certificate or key cannot be used/,
    ],
    [
      'with what is no key',
      { user, parameters: `sslmode=require&${shows({ ...clerk, key: notPem })}` },
      /certificate or key cannot be used/,
    ],
    [
      'with a key that others can read',
      { user, parameters: `sslmode=require&${shows({ ...clerk, key: open })}` },
      /others than its owner may read it.*chmod 600/s,
    ],
  ]);
});

test('TLS: a server without it is refused where it was asked for', { skip }, async () => {
  await serve('off', 'host all all 127.0.0.1/32 trust', 'local all all trust');
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    const { code, stderr } = await attempt({ parameters: `sslmode=${mode}` });
    assert.equal(code, 1);
    assert.match(stderr, /does not support SSL/);
  }
  for (const mode of ['prefer', 'allow']) {
    assert.equal((await attempt({ parameters: `sslmode=${mode}` })).code, 0);
  }
  const unknown = await attempt({ parameters: 'sslmode=allow', user: 'nobody' });
  assert.match(unknown.stderr, /role "nobody" does not exist/);
});

test('a Unix socket, by its directory', { skip }, async () => {
  await serve('on', 'local all all trust');
  const socket = await attempt({ host: encodeURIComponent(cluster.directory) });
  assert.equal(socket.code, 0, socket.stderr);
  const byVariable = await attempt({ host: '', env: { PGHOST: cluster.directory } });
  assert.equal(byVariable.code, 0, byVariable.stderr);
  const byParameter = await attempt({ host: '', parameters: `host=${cluster.directory}` });
  assert.equal(byParameter.code, 0, byParameter.stderr);
});

test('a password comes from .pgpass, if nobody else can read it', { skip }, async () => {
  await serve('off', 'local all all trust', 'host all all 127.0.0.1/32 trust');
  const secret = 'open:se\\same';
  const { code, stderr } = await attempt({ parameters: 'sslmode=disable' });
  assert.equal(code, 0, stderr);
  await serve('off', 'local all all trust', 'host all all 127.0.0.1/32 scram-sha-256');

  const file = join(await temporaryDirectory(), 'passwords');
  const escaped = secret.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
  await writeFile(file, `# a comment\nlocalhost:1:*:*:wrong\n*:${cluster.port}:postgres:clerk:${escaped}\n`);
  await chmod(file, 0o600);
  const env = { PGPASSFILE: file };
  const good = await attempt({ user: 'clerk', env });
  assert.equal(good.code, 0, good.stderr);
  assert.doesNotMatch(good.stderr, /deprecat|warning/i);

  await chmod(file, 0o640);
  const open = await attempt({ user: 'clerk', env });
  assert.equal(open.code, 2, open.stderr);
  assert.match(open.stderr, /others than its owner may read.*chmod 600/s);

  const none = await attempt({ user: 'clerk' });
  assert.equal(none.code, 1, none.stderr);
  assert.match(none.stderr, /asks for a password of clerk, and none is known/);
  const wrong = await attempt({ user: 'clerk', env: { PGPASSWORD: 'sesame-street' } });
  assert.equal(wrong.code, 1, wrong.stderr);
  assert.match(wrong.stderr, /password authentication failed/);
  for (const one of [good, open, none, wrong]) assert.doesNotMatch(one.stderr, /same\b|sesame/);
});

test('lines of .pgpass: the first that fits', async () => {
  const file = join(await temporaryDirectory(), 'passwords');
  const lines = [
    '#db:5432:shop:me:comment',
    'db:5432:shop:you:1',
    'db:5433:*:me:2',
    'db:5432:s\\:p:me:3',
    '*:*:*:me:4',
  ];
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const wanted = { host: 'db', port: 5432, database: 'shop', user: 'me' };
  assert.equal(storedPassword(file, wanted), '4');
  assert.equal(storedPassword(file, { ...wanted, port: 5433 }), '2');
  assert.equal(storedPassword(file, { ...wanted, database: 's:p' }), '3');
  assert.equal(storedPassword(file, { ...wanted, user: 'nobody' }), null);
  assert.equal(storedPassword(`${file}.none`, wanted), null);
});
