import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../base/json.ts';
import { requireOff } from './asked-off.ts';

const usual = { tier: 'Usual' };

for (const properties of [
  {},
  { kept: 'anything', deep: null },
  { a: false, b: null, c: '', d: [], e: {} },
  { policy: { enabled: false, days: 7 }, tracking: { enable: false, name: 'x' } },
  { protocol: { smb: { multichannel: { enabled: false }, versions: '' } } },
  { tier: 'Usual' },
] as JsonObject[])
  test(`${JSON.stringify(properties)} asks for nothing`, () => {
    requireOff(properties, ['kept'], usual);
  });

for (const [properties, target] of [
  [{ a: true }, 'a'],
  [{ a: 0 }, 'a'],
  [{ a: ['x'] }, 'a'],
  [{ policy: { enabled: true, days: 7 } }, 'policy'],
  [{ policy: { days: 7 } }, 'policy'],
  [{ protocol: { smb: { versions: 'SMB3.1.1' } } }, 'protocol'],
  [{ protocol: { smb: { enabled: false }, nfs: { enabled: true } } }, 'protocol'],
  [{ tier: 'Other' }, 'tier'],
  [{ constructor: 'x' }, 'constructor'],
  [{ fine: false, kept: 1, wrong: 'x' }, 'wrong'],
] as [JsonObject, string][])
  test(`${JSON.stringify(properties)} asks for what is not there`, () => {
    assert.throws(() => requireOff(properties, ['kept'], usual), {
      code: 'FeatureNotSupportedForAccount',
      target: `properties.${target}`,
    });
  });
