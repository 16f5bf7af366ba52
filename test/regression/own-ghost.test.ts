import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockJob } from '#tranche/targets/postgres/job-lock.js';
import { missingPostgres, newSchema, openConnection } from '../helpers/postgres.js';

test('a session of our own, whose connection was lost, was taken for another run', {
  skip: missingPostgres,
}, async () => {
  const schema = await newSchema();
  const [lost, next] = [await openConnection(), await openConnection()];
  await lockJob(lost, schema, 'job', 'place');
  const waiting = lockJob(next, schema, 'job', 'place');
  // Answered by the same server, behind the first look at the lock.
  await next.query('SELECT 1');
  await lost.close();
  await waiting;
  const third = await openConnection();
  await assert.rejects(lockJob(third, schema, 'job', 'place'), { code: 'job_locked' });
  await Promise.all([next.close(), third.close()]);
});
