import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCall } from '../../src/network/namespace/native.ts';

type Koffi = { proto(signature: string): unknown; call(address: bigint, prototype: unknown): number };

/** Runs machine code of this machine that returns a 32-bit number: what a hostile worker can do at will. x64 only. */
export const callMachineCode = (code: Buffer): number => {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const [readWriteExecute, privateAnonymous] = [7, 0x22];
  const memory = systemCall('mmap', 9, 0, 4096, readWriteExecute, privateAnonymous, -1, 0);
  const folder = mkdtempSync(join(tmpdir(), 'machine-code-'));
  writeFileSync(join(folder, 'code'), code);
  const file = openSync(join(folder, 'code'), 'r');
  systemCall('pread64', 17, file, memory, code.length, 0);
  closeSync(file);
  rmSync(folder, { recursive: true });
  return koffi.call(BigInt(memory), koffi.proto('int machineCode()'));
};
