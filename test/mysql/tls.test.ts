import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import { Connection } from '#tranche/mysql/driver.js';
import { mysqlPlace, parseMysqlUrl } from '#tranche/mysql/place.js';
import { MariadbServer, missingServer } from '../helpers/mariadb-server.js';
import { temporaryDirectory } from '../helpers/temporary.js';

function missingOpenssl(): string | false {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'openssl is not installed here';
  }
}

const skip = missingServer || missingOpenssl();

/** A certificate authority, and what it signs: a certificate for one name. */
function certify(directory: string, host: string): { ca: string; cert: string; key: string } {
  mkdirSync(directory, { recursive: true });
  const path = (name: string): string => join(directory, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: directory, stdio: 'ignore' });
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=tranche test',
    '-days',
    '2',
  );
  openssl('req', ...fresh, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${host}`);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem');
  return { ca: path('ca.pem'), cert: path('server.pem'), key: path('server.key') };
}

/** The cipher of a connection; empty without one. */
async function cipher(url: string): Promise<string> {
  const connection = await Connection.open(mysqlPlace(parseMysqlUrl(url)));
  try {
    const [row] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
    return String(row?.['Value'] ?? '');
  } finally {
    await connection.end();
  }
}

async function refused(url: string): Promise<TrancheError> {
  const error = await cipher(url).then(
    () => assert.fail(`${url} was let in`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TrancheError);
  assert.notEqual(error.kind, 'transient', error.message);
  return error;
}

test('a connection is encrypted and verified as the URL says', { skip }, async () => {
  const right = certify(join(await temporaryDirectory(), 'right'), 'localhost');
  const other = certify(join(await temporaryDirectory(), 'other'), 'localhost');
  const server = await MariadbServer.start(() => [
    `--ssl-ca=${right.ca}`,
    `--ssl-cert=${right.cert}`,
    `--ssl-key=${right.key}`,
  ]);
  const url = (query: string, host = 'localhost'): string =>
    server.url('t', query).replace('127.0.0.1', host);

  assert.equal(await cipher(url('ssl-mode=disabled')), '');
  assert.equal(await cipher(url('')), '', 'a server on this machine');
  assert.notEqual(await cipher(url('ssl-mode=required')), '');
  for (const mode of ['preferred', 'verify-ca', 'verify-identity']) {
    assert.notEqual(await cipher(url(`ssl-mode=${mode}&ssl-ca=${right.ca}`)), '', mode);
    const unknown = await refused(url(`ssl-mode=${mode}&ssl-ca=${other.ca}`));
    assert.match(unknown.hint ?? '', /ssl-ca=FILE/, mode);
    await refused(url(`ssl-mode=${mode}`));
  }
  assert.notEqual(await cipher(url(`ssl-mode=verify-ca&ssl-ca=${right.ca}`, '127.0.0.1')), '');
  await refused(url(`ssl-mode=verify-identity&ssl-ca=${right.ca}`, '127.0.0.1'));
});

test('a server without TLS is refused where the URL demands it, and a socket is a way in', {
  skip,
}, async () => {
  const server = await MariadbServer.start();
  assert.equal(await cipher(server.url('t', 'ssl-mode=preferred')), '');
  for (const mode of ['required', 'verify-ca', 'verify-identity']) {
    assert.match((await refused(server.url('t', `ssl-mode=${mode}`))).hint ?? '', /ssl-mode=preferred/, mode);
  }
  assert.equal(
    await cipher(server.url('t', `socket=${server.socket}`).replace(String(server.port), '1')),
    '',
  );
});
