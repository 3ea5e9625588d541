import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleFilter, filterProgram, type Instruction } from './filter.ts';
import { allowedNumbers, judgedNumbers, machines } from './system-call.ts';

const allow = 0x7fff0000;
const kill = 0x80000000;
const errno = (number: number) => 0x00050000 | number;
const [EPERM, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT] = [1, 38, 93, 97];

/** Runs a filter as the kernel does, over the words of `struct seccomp_data`. */
const run = (program: readonly Instruction[], audit: number, number: number, ...operands: number[]): number => {
  const word = (offset: number): number => {
    if (offset === 0) return number;
    if (offset === 4) return audit;
    assert.equal((offset - 16) % 8, 0, 'reads low halves only');
    return operands[(offset - 16) / 8] ?? 0;
  };
  let accumulator = 0;
  for (let index = 0; ; index++) {
    const [operation, whenTrue, whenFalse, operand] = program[index]!;
    const jump = (condition: boolean) => {
      index += condition ? whenTrue : whenFalse;
    };
    if (operation === 0x06) return operand;
    if (operation === 0x20) accumulator = word(operand);
    else if (operation === 0x15) jump(accumulator === operand);
    else if (operation === 0x25) jump(accumulator > operand);
    else if (operation === 0x35) jump(accumulator >= operand);
    else if (operation === 0x45) jump((accumulator & operand) !== 0);
    else assert.fail(`unknown operation ${operation}`);
  }
};

for (const [name, machine] of Object.entries(machines)) {
  assert.ok(machine);
  const program = filterProgram(machine);
  const verdict = (number: number, ...operands: number[]) => run(program, machine.audit, number, ...operands);
  const judged = judgedNumbers(machine);

  test(`${name}: of all numbers, those in the table are allowed, known others refused, newer ones unknown`, () => {
    const allowed = new Set(allowedNumbers(machine));
    const special = new Set(Object.values(judged));
    for (let number = 0; number <= 600; number++) {
      if (special.has(number)) continue;
      const expected: number = number > machine.newest ? errno(ENOSYS) : allowed.has(number) ? allow : errno(EPERM);
      assert.equal(verdict(number), expected, `number ${number}`);
    }
    assert.equal(verdict(0x40000000), errno(ENOSYS));
  });

  test(`${name}: calls of another machine are deadly`, () => {
    for (const other of [0x40000003, 0x40000028, 0]) assert.equal(run(program, other, 1), kill);
  });

  test(`${name}: sockets by family and protocol`, () => {
    const socket = (family: number, protocol: number) => verdict(judged.socket, family, 1, protocol);
    for (const family of [2, 10])
      for (let protocol = 0; protocol < 300; protocol++)
        assert.equal(socket(family, protocol), [0, 6, 17].includes(protocol) ? allow : errno(EPROTONOSUPPORT));
    for (let protocol = 0; protocol < 30; protocol++)
      assert.equal(socket(16, protocol), protocol === 0 ? allow : errno(EPROTONOSUPPORT));
    assert.equal(socket(1, 0), allow);
    for (let family = 0; family < 60; family++)
      if (![1, 2, 10, 16].includes(family)) assert.equal(socket(family, 0), errno(EAFNOSUPPORT), `family ${family}`);
    assert.equal(verdict(judged.socketpair, 1), allow);
    assert.equal(verdict(judged.socketpair, 30), errno(EAFNOSUPPORT));
  });

  test(`${name}: threads, but neither processes nor namespaces`, () => {
    const thread = 0x3d0f00;
    assert.equal(verdict(judged.clone, thread), allow);
    assert.equal(verdict(judged.clone, 17), errno(EPERM));
    for (const namespace of [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
      assert.equal(verdict(judged.clone, thread | namespace), errno(EPERM));
    assert.equal(verdict(judged.clone3), errno(ENOSYS));
  });

  test(`${name}: ioctl and prctl by request`, () => {
    assert.equal(verdict(judged.ioctl, 0, 0x541b), allow);
    for (const request of [0x5412, 0x541c, 0x8914, 0x89e0])
      assert.equal(verdict(judged.ioctl, 0, request), errno(EPERM));
    assert.equal(verdict(judged.prctl, 15), allow);
    for (const option of [1, 22, 24, 47]) assert.equal(verdict(judged.prctl, option), errno(EPERM));
  });
}

test('a machine without a table gets no filter', () => {
  assert.throws(() => assembleFilter('mips'), /no seccomp filter for mips/);
});
