// System calls that Node does not offer, by koffi's native part.
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';

type Koffi = {
  load(path: null): { func(signature: string): (...values: unknown[]) => number };
  errno(): number;
  address(memory: Buffer): bigint;
};

// koffi's own module takes 10 ms more to find out what we know: which of its platform packages to load.
const fromHere = createRequire(import.meta.url);
const koffi = createRequire(fromHere.resolve('koffi'))(`@koromix/koffi-${process.platform}-${process.arch}`) as Koffi;
const call = koffi.load(null).func('long syscall(long, long, long, long, long, long, long)');

/** What a system call takes. Memory is passed by its address and must outlive the call. */
export type Operand = number | bigint | Buffer;

/** Makes one system call and gives its result, or minus the error number. */
export const trySystemCall = (number: number, ...operands: Operand[]): number => {
  const words = operands.map((operand) => (Buffer.isBuffer(operand) ? koffi.address(operand) : operand));
  while (words.length < 6) words.push(0);
  const result = Number(call(number, ...words));
  return result === -1 ? -koffi.errno() : result;
};

/** Makes one system call; throws an Error with `code` when it fails. */
export const systemCall = (name: string, number: number, ...operands: Operand[]): number => {
  const result = trySystemCall(number, ...operands);
  if (result >= 0) return result;
  const code = getSystemErrorName(result);
  throw Object.assign(new Error(`${name}: ${code}`), { code });
};

/** The address of `memory`, for structures that point to other memory. */
export const addressOf = (memory: Buffer): bigint => koffi.address(memory);
