// The last program before Node in a jail: `launcher program arguments...` takes a fresh session keyring, puts the
// seccomp filter on and becomes the program. Node cannot do this for itself: by the time JavaScript runs, libuv holds an
// io_uring, which bypasses filters and whose refusal aborts it. util-linux's `setpriv` loads filters from 2.41 on only.
// Four system calls need no compiler: the program is put together here, instruction by instruction, as a static ELF.
import { assembleFilter } from './filter.ts';

const base = 0x400000;
const headerSize = 64 + 2 * 56;
const complaint = Buffer.from('postern: the session keyring, the seccomp filter or the program was refused\n');

/** The exit code of a launcher that could not seal the worker, or found no program. */
export const launcherRefused = 111;

type Addresses = { filterHead: number; complaint: number };

const littleEndian = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);

const x64 = (at: Addresses): Buffer =>
  Buffer.from(
    [
      [0xbf, ...littleEndian(1)], //              mov edi, 1            KEYCTL_JOIN_SESSION_KEYRING
      [0x31, 0xf6], //                            xor esi, esi          a new one without a name
      [0xb8, ...littleEndian(250)], //            mov eax, keyctl
      [0x0f, 0x05], //                            syscall
      [0x48, 0x83, 0xf8, 0xda], //                cmp rax, -38          ENOSYS: a kernel without keyrings
      [0x74, 0x05], //                            je filter
      [0x48, 0x85, 0xc0], //                      test rax, rax
      [0x78, 0x31], //                            js refused
      // filter:
      [0xbf, ...littleEndian(1)], //              mov edi, 1            SECCOMP_SET_MODE_FILTER
      [0x31, 0xf6], //                            xor esi, esi
      [0xba, ...littleEndian(at.filterHead)], //  mov edx, filterHead
      [0xb8, ...littleEndian(317)], //            mov eax, seccomp
      [0x0f, 0x05], //                            syscall
      [0x85, 0xc0], //                            test eax, eax
      [0x75, 0x1a], //                            jne refused
      [0x48, 0x8b, 0x7c, 0x24, 0x10], //          mov rdi, [rsp+16]     argv[1]
      [0x48, 0x8d, 0x74, 0x24, 0x10], //          lea rsi, [rsp+16]     argv + 1
      [0x48, 0x8b, 0x0c, 0x24], //                mov rcx, [rsp]        argc
      [0x48, 0x8d, 0x54, 0xcc, 0x10], //          lea rdx, [rsp+rcx*8+16]  environment
      [0xb8, ...littleEndian(59)], //             mov eax, execve
      [0x0f, 0x05], //                            syscall
      // refused:
      [0xbf, ...littleEndian(2)], //              mov edi, 2            stderr
      [0xbe, ...littleEndian(at.complaint)], //   mov esi, complaint
      [0xba, ...littleEndian(complaint.length)], // mov edx, its length
      [0xb8, ...littleEndian(1)], //              mov eax, write
      [0x0f, 0x05], //                            syscall
      [0xbf, ...littleEndian(launcherRefused)], // mov edi, launcherRefused
      [0xb8, ...littleEndian(231)], //            mov eax, exit_group
      [0x0f, 0x05], //                            syscall
    ].flat(),
  );

const movz = (register: number, value: number): number => 0xd2800000 | (value << 5) | register;
const movkUpper = (register: number, value: number): number => 0xf2a00000 | ((value >>> 16) << 5) | register;
const address = (register: number, value: number): number[] => [
  movz(register, value & 0xffff),
  movkUpper(register, value),
];
const svc = 0xd4000001;

const arm64 = (at: Addresses): Buffer => {
  const words = [
    movz(0, 1), //                     mov x0, 1             KEYCTL_JOIN_SESSION_KEYRING
    movz(1, 0), //                     mov x1, 0             a new one without a name
    movz(8, 219), //                   mov x8, keyctl
    svc, //                            svc 0
    0xb100981f, //                     cmn x0, 38            ENOSYS: a kernel without keyrings
    0x54000040, //                     b.eq filter
    0xb7f801c0, //                     tbnz x0, 63, refused
    // filter:
    movz(0, 1), //                     mov x0, 1             SECCOMP_SET_MODE_FILTER
    movz(1, 0), //                     mov x1, 0
    ...address(2, at.filterHead), //   mov x2, filterHead
    movz(8, 277), //                   mov x8, seccomp
    svc, //                            svc 0
    0xb50000e0, //                     cbnz x0, refused
    0xf9400be0, //                     ldr x0, [sp, 16]      argv[1]
    0x910043e1, //                     add x1, sp, 16        argv + 1
    0xf94003e3, //                     ldr x3, [sp]          argc
    0x8b030c22, //                     add x2, x1, x3, lsl 3 environment
    movz(8, 221), //                   mov x8, execve
    svc, //                            svc 0
    // refused:
    movz(0, 2), //                     mov x0, 2             stderr
    ...address(1, at.complaint), //    mov x1, complaint
    movz(2, complaint.length), //      mov x2, its length
    movz(8, 64), //                    mov x8, write
    svc, //                            svc 0
    movz(0, launcherRefused), //       mov x0, launcherRefused
    movz(8, 94), //                    mov x8, exit_group
    svc, //                            svc 0
  ];
  return Buffer.from(words.flatMap((word) => littleEndian(word)));
};

const machines: Readonly<Partial<Record<string, { elf: number; code: (at: Addresses) => Buffer }>>> = {
  x64: { elf: 62, code: x64 },
  arm64: { elf: 183, code: arm64 },
};

/** The launcher for `architecture` (as `process.arch`), ready to be written to an executable file. Throws where Postern has none. */
export const assembleLauncher = (architecture: string): Buffer => {
  const filter = assembleFilter(architecture);
  const { elf, code } = machines[architecture]!;
  const filterHeadOffset = align(headerSize + code({ filterHead: 0, complaint: 0 }).length);
  const filterOffset = filterHeadOffset + 16;
  const complaintOffset = filterOffset + filter.length;
  const file = Buffer.alloc(complaintOffset + complaint.length);

  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16); // an executable at a fixed address
  file.writeUInt16LE(elf, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base + headerSize), 24); // where it begins
  file.writeBigUInt64LE(64n, 32); // program headers follow
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  writeSegment(file, 64, { kind: 1, flags: 5, address: base, size: file.length, alignment: 0x10000 });
  // PT_GNU_STACK, readable and writable only.
  writeSegment(file, 64 + 56, { kind: 0x6474e551, flags: 6, address: 0, size: 0, alignment: 16 });

  code({ filterHead: base + filterHeadOffset, complaint: base + complaintOffset }).copy(file, headerSize);
  file.writeUInt16LE(filter.length / 8, filterHeadOffset);
  file.writeBigUInt64LE(BigInt(base + filterOffset), filterHeadOffset + 8);
  filter.copy(file, filterOffset);
  complaint.copy(file, complaintOffset);
  return file;
};

const align = (offset: number): number => (offset + 15) & ~15;

const writeSegment = (
  file: Buffer,
  at: number,
  segment: { kind: number; flags: number; address: number; size: number; alignment: number },
): void => {
  file.writeUInt32LE(segment.kind, at);
  file.writeUInt32LE(segment.flags, at + 4);
  file.writeBigUInt64LE(BigInt(segment.address), at + 16);
  file.writeBigUInt64LE(BigInt(segment.address), at + 24);
  file.writeBigUInt64LE(BigInt(segment.size), at + 32);
  file.writeBigUInt64LE(BigInt(segment.size), at + 40);
  file.writeBigUInt64LE(BigInt(segment.alignment), at + 48);
};
