import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { endpointAddress, endpointAddressCount, syntheticAddress, syntheticAddressCount } from './address-plan.ts';
import { isInternalAddress, normalAddress } from './ip-address.ts';

test('IPv4-mapped addresses are IPv4', () => {
  for (const mapped of [
    '::ffff:10.77.0.4',
    '::FFFF:10.77.0.4',
    '::ffff:a4d:4',
    '0:0:0:0:0:ffff:0a4d:0004',
    '10.77.0.4',
  ])
    assert.equal(normalAddress(mapped), '10.77.0.4', mapped);
  assert.equal(normalAddress('FE80::1%lo'), 'fe80::1');
});

test('addresses that are nobody’s public host are internal', () => {
  const internal = [
    '127.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '::127.0.0.1',
    'localhost',
    '',
  ];
  for (const address of internal) assert.equal(isInternalAddress(address), true, address);
  for (const address of ['20.60.1.1', '8.8.8.8', '172.32.0.1', '2603:1030::1', '::ffff:8.8.8.8'])
    assert.equal(isInternalAddress(address), false, address);
});

test('every index has its own address inside its range', () => {
  assert.equal(endpointAddress(0), '10.77.0.4');
  assert.equal(endpointAddress(endpointAddressCount - 1), '10.77.255.254');
  assert.equal(syntheticAddress(0), '198.18.0.1');
  assert.equal(syntheticAddress(syntheticAddressCount - 1), '198.19.255.254');
  fc.assert(
    fc.property(fc.nat(endpointAddressCount - 1), fc.nat(endpointAddressCount - 1), (one, other) => {
      assert.ok(isIPv4(endpointAddress(one)) && endpointAddress(one).startsWith('10.77.'));
      assert.equal(endpointAddress(one) === endpointAddress(other), one === other);
    }),
  );
  for (const index of [-1, 0.5, Number.NaN, endpointAddressCount])
    assert.throws(() => endpointAddress(index), RangeError);
  assert.throws(() => syntheticAddress(syntheticAddressCount), RangeError);
});
