import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DateOrder, dateOrders, orderedReader } from './date-time.ts';

const read = (order: DateOrder, text: string) => {
  const found = orderedReader(order)(text);
  return found && found.clock + (found.offset ?? '');
};

test('the numbers of a date stand in the order that DATEFORMAT gives, with any of its separators', () => {
  const [y, m, d] = ['2024', '2', '29'];
  for (const order of dateOrders)
    for (const separator of ['/', '-', '.']) {
      const text = [...order].map((part) => ({ y, m, d })[part]).join(separator);
      assert.equal(read(order, ` ${text} `), '2024-02-29T00:00:00.0000000', text);
      assert.equal(read(order, `${text} 7:05`), '2024-02-29T07:05:00.0000000');
      assert.equal(read(order, `${text} 12:05:09.1234567 AM +01:30`), '2024-02-29T00:05:09.1234567+01:30');
      assert.equal(read(order, `${text} 12:00 pm`), '2024-02-29T12:00:00.0000000');
    }
  assert.equal(read('mdy', '01/02/2024'), '2024-01-02T00:00:00.0000000');
  assert.equal(read('dmy', '01/02/2024'), '2024-02-01T00:00:00.0000000');
});

test('ISO 8601 is read in every order where it can mean one day only', () => {
  for (const order of dateOrders)
    assert.equal(read(order, '2024-01-02T03:04:05Z'), '2024-01-02T03:04:05.0000000+00:00', order);
  for (const order of ['mdy', 'ymd', 'myd'] as const)
    assert.equal(read(order, '2024-01-02 03:04'), '2024-01-02T03:04:00.0000000');
  for (const order of ['dmy', 'dym'] as const) assert.equal(read(order, '2024-01-02'), undefined);
});

test('what is no such date is none', () => {
  for (const text of [
    '31/12/2024',
    '12/31/24',
    '12/31-2024',
    '2/30/2024',
    '12/31/2024 13:00 PM',
    '12/31/2024 24:00',
    '1/1/0000',
    '',
    '12 31 2024',
    'Dec 31 2024',
  ])
    assert.equal(read('mdy', text), undefined, text);
});
