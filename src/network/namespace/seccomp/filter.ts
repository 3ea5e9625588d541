// The worker's seccomp filter, assembled as classic BPF. Default: EPERM for what the kernel has and a worker does not
// need, ENOSYS for what is newer than this list (so that libraries fall back), death for another machine's calls.
// It is on before the worker's first instruction (`launcher.ts`), so it also covers what Node does at its start: libuv
// finds no io_uring and uses epoll. One program may replace another in its process (execve), but none can be added.
import { allowedNumbers, judgedNumbers, type Machine, machines } from './system-call.ts';

/** One instruction of classic BPF: operation, jump if true, jump if false, operand. */
export type Instruction = readonly [operation: number, whenTrue: number, whenFalse: number, operand: number];

const load = 0x20;
const jumpEqual = 0x15;
const jumpGreater = 0x25;
const jumpGreaterOrEqual = 0x35;
const jumpAnyBit = 0x45;
const end = 0x06;

const allow = 0x7fff0000;
const killProcess = 0x80000000;
const errno = (number: number) => 0x00050000 | number;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const EPROTONOSUPPORT = 93;

const numberOffset = 0;
const machineOffset = 4;
/** The low half of an argument. Those we judge are 32 bits wide in the kernel, or have no meaning above. */
const argument = (index: number) => 16 + index * 8;

const give = (verdict: number): Instruction => [end, 0, 0, verdict];
const oneOf = (values: readonly number[], otherwise: number): Instruction[] => [
  ...values.flatMap((value): Instruction[] => [[jumpEqual, 0, 1, value], give(allow)]),
  give(otherwise),
];
const when = (number: number, body: readonly Instruction[]): Instruction[] => [
  [jumpEqual, 0, body.length, number],
  ...body,
];

const families = { unix: 1, inet: 2, inet6: 10, netlink: 16 };
/** Default, TCP, UDP: no MPTCP, SCTP, ICMP or raw. */
const internetProtocols = [0, 6, 17];
/** NETLINK_ROUTE, by which libc lists interfaces. */
const netlinkProtocols = [0];

const judgeInternet = [[load, 0, 0, argument(2)] as const, ...oneOf(internetProtocols, errno(EPROTONOSUPPORT))];
const judgeNetlink = [[load, 0, 0, argument(2)] as const, ...oneOf(netlinkProtocols, errno(EPROTONOSUPPORT))];
const judgeSocket: Instruction[] = [
  [load, 0, 0, argument(0)],
  [jumpEqual, 0, 1, families.unix],
  give(allow),
  [jumpEqual, 2, 0, families.inet],
  [jumpEqual, 1, 0, families.inet6],
  [jumpEqual, judgeInternet.length, judgeInternet.length + judgeNetlink.length, families.netlink],
  ...judgeInternet,
  ...judgeNetlink,
  give(errno(EAFNOSUPPORT)),
];

/** CLOEXEC and its undoing, non-blocking, bytes to read, terminal attributes and size, interface names. No TIOCSTI. */
const requests = [0x5451, 0x5450, 0x5421, 0x541b, 0x5401, 0x802c542a, 0x5413, 0x8910, 0x8933];
/** Thread names, names of memory, and reading what one is. Not PDEATHSIG: a worker dies with its parent. */
const processOptions = [15, 16, 3, 21, 23, 39, 0x53564d41];
const cloneThread = 0x00010000;
/** CLONE_NEW{TIME,NS,CGROUP,UTS,IPC,USER,PID,NET}. */
const cloneNamespaces = 0x7e020080;

/** The filter for one machine, as instructions. */
export const filterProgram = (machine: Machine): Instruction[] => {
  const judged = judgedNumbers(machine);
  const program: Instruction[] = [
    [load, 0, 0, machineOffset],
    [jumpEqual, 1, 0, machine.audit],
    give(killProcess),
    [load, 0, 0, numberOffset],
    // Above it: newer calls, and (bit 30) those of x32.
    [jumpGreater, 0, 1, machine.newest],
    give(errno(ENOSYS)),
    ...when(judged.socket, judgeSocket),
    ...when(judged.socketpair, [[load, 0, 0, argument(0)], ...oneOf([families.unix], errno(EAFNOSUPPORT))]),
    ...when(judged.ioctl, [[load, 0, 0, argument(1)], ...oneOf(requests, errno(EPERM))]),
    ...when(judged.prctl, [[load, 0, 0, argument(0)], ...oneOf(processOptions, errno(EPERM))]),
    // A worker is one process: threads only.
    ...when(judged.clone, [
      [load, 0, 0, argument(0)],
      [jumpAnyBit, 2, 0, cloneNamespaces],
      [jumpAnyBit, 0, 1, cloneThread],
      give(allow),
      give(errno(EPERM)),
    ]),
    // Its flags are in memory, where a filter cannot look; libc then uses clone.
    ...when(judged.clone3, [give(errno(ENOSYS))]),
  ];
  for (const [first, last] of ranges(allowedNumbers(machine)))
    program.push([jumpGreater, 3, 0, last], [jumpGreaterOrEqual, 0, 1, first], give(allow), give(errno(EPERM)));
  program.push(give(errno(EPERM)));
  return program;
};

const ranges = (ascending: readonly number[]): [first: number, last: number][] => {
  const found: [number, number][] = [];
  for (const number of ascending) {
    const current = found.at(-1);
    if (current && number === current[1] + 1) current[1] = number;
    else found.push([number, number]);
  }
  return found;
};

/** The filter for `architecture` (as `process.arch`), as the kernel takes it. Throws where Postern has none. */
export const assembleFilter = (architecture: string): Buffer => {
  const machine = machines[architecture];
  if (!machine) throw new Error(`Postern has no seccomp filter for ${architecture}: use an x64 or arm64 machine`);
  const program = filterProgram(machine);
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([operation, whenTrue, whenFalse, operand], index) => {
    bytes.writeUInt16LE(operation, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  });
  return bytes;
};
