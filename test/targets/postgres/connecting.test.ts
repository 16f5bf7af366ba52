import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { storedPassword } from '#tranche/postgres/pgpass.js';
import { missingCluster, PostgresCluster } from '../../helpers/postgres-cluster.js';
import { flights, tranche } from '../../helpers/program.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingCluster;
let cluster: PostgresCluster;
let certificates: string;

before(async () => {
  if (skip !== false) return;
  certificates = await temporaryDirectory();
  authority('ca');
  authority('other-ca');
  certificate('server', 'ca', 'DNS:localhost');
  cluster = await PostgresCluster.start();
  await cluster.put('server.crt', join(certificates, 'server.crt'));
  await cluster.put('server.key', join(certificates, 'server.key'));
});

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { cwd: certificates, stdio: 'ignore' });
}

function authority(name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE'];
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
    ...subject,
  );
}

function certificate(name: string, by: string, names: string): void {
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=${names}`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.crt`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    '-out',
    `${name}.crt`,
  );
}

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

const root = (name: string) => `sslrootcert=${encodeURIComponent(join(certificates, `${name}.crt`))}`;

test('TLS: each sslmode does what libpq means by it', { skip }, async t => {
  await serve('on', 'hostssl all all 127.0.0.1/32 trust', 'local all all trust');
  const cases: readonly (readonly [string, Attempt, RegExp | null])[] = [
    ['disable', { parameters: 'sslmode=disable' }, /no pg_hba.conf entry.*no encryption/],
    ['prefer', { parameters: 'sslmode=prefer' }, null],
    ['require asks for no name', { parameters: 'sslmode=require' }, null],
    [
      'require, with an authority that is another',
      { parameters: `sslmode=require&${root('other-ca')}` },
      /certificate is not trusted/,
    ],
    ['verify-ca', { parameters: `sslmode=verify-ca&${root('ca')}` }, null],
    [
      'verify-ca asks for no name',
      { host: '127.0.0.1', parameters: `sslmode=verify-ca&${root('ca')}` },
      null,
    ],
    [
      'verify-ca, an authority that is another',
      { parameters: `sslmode=verify-ca&${root('other-ca')}` },
      /certificate is not trusted.*sslrootcert/s,
    ],
    [
      'verify-ca, an authority that nobody knows',
      { parameters: 'sslmode=verify-ca' },
      /certificate is not trusted/,
    ],
    ['verify-full', { parameters: `sslmode=verify-full&${root('ca')}` }, null],
    [
      'verify-full, another name',
      { host: '127.0.0.1', parameters: `sslmode=verify-full&${root('ca')}` },
      /certificate is not trusted.*127\.0\.0\.1/s,
    ],
    [
      'verify-full, by variables',
      {
        parameters: '',
        env: { PGSSLMODE: 'verify-full', PGSSLROOTCERT: join(certificates, 'other-ca.crt') },
      },
      /not trusted/,
    ],
    [
      'no such file',
      { parameters: 'sslmode=verify-ca&sslrootcert=/nowhere.crt' },
      /\/nowhere\.crt does not exist/,
    ],
    ['no such mode', { parameters: 'sslmode=sure' }, /sslmode is one of disable/],
  ];
  for (const [name, how, failure] of cases) {
    await t.test(name, async () => {
      const { code, stderr } = await attempt(how);
      if (failure === null) assert.equal(code, 0, stderr);
      else assert.match(stderr, failure);
      assert.equal(code === 0, failure === null, stderr);
    });
  }
});

test('TLS: a server without it is refused where it was asked for', { skip }, async () => {
  await serve('off', 'host all all 127.0.0.1/32 trust', 'local all all trust');
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    const { code, stderr } = await attempt({ parameters: `sslmode=${mode}` });
    assert.equal(code, 1);
    assert.match(stderr, /does not support SSL/);
  }
  assert.equal((await attempt({ parameters: 'sslmode=prefer' })).code, 0);
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
  await cluster.run(`CREATE ROLE clerk LOGIN SUPERUSER PASSWORD 'open:se\\same'`);
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
