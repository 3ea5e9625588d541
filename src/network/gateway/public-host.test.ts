import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const outside = path.resolve(import.meta.dirname, '../../../test/network/outside');

test('public hosts, in a world of their own', { timeout: 120_000 }, async (t) => {
  const { NODE_TEST_CONTEXT: _, PATH, ...environment } = process.env;
  const command = ['sh', path.join(outside, 'world.sh'), process.execPath, path.join(outside, 'public-host.ts')];
  const world = spawn('unshare', ['--user', '--map-root-user', '--net', '--kill-child', ...command], {
    env: { ...environment, PATH: `${PATH}:/usr/sbin:/sbin` },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: t.signal,
  });
  const [said, [code]] = await Promise.all([text(world.stdout), once(world, 'exit')]);
  assert.equal(code, 0, said);
  assert.match(said, /^# pass [1-9]|ℹ pass [1-9]/m);
});
