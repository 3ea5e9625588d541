// What a client asks for: a batch of statements, a call of a procedure, or a step of a transaction.
import type { SqlType, SqlValue } from '../type/sql-type.ts';
import { BufferReader } from './buffer-reader.ts';
import { ProtocolError } from './packet.ts';
import { readType } from './type-info.ts';
import { readValue } from './value.ts';

/** A parameter of a call. `isOutput` wants its value back. */
export type Parameter = { name: string; type: SqlType; value: SqlValue; isOutput: boolean };

/** A call of a procedure. The ones with a number of their own are named by it. */
export type Call = { procedure: string; parameters: Parameter[] };

/** A step of a transaction. */
export type Step = 'begin' | 'commit' | 'rollback' | 'save';

const skipHeaders = (reader: BufferReader): void => {
  const length = reader.uint32();
  if (length < 4) throw new ProtocolError('The headers of a message have no length.');
  reader.bytes(length - 4);
};

/** The text of a batch. */
export const readBatch = (message: Buffer): string => {
  const reader = new BufferReader(message);
  skipHeaders(reader);
  return reader.bytes(reader.left).toString('utf16le');
};

const numbered: Readonly<Record<number, string>> = {
  1: 'sp_cursor',
  2: 'sp_cursoropen',
  3: 'sp_cursorprepare',
  4: 'sp_cursorexecute',
  5: 'sp_cursorprepexec',
  6: 'sp_cursorunprepare',
  7: 'sp_cursorfetch',
  8: 'sp_cursoroption',
  9: 'sp_cursorclose',
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  13: 'sp_prepexec',
  14: 'sp_prepexecrpc',
  15: 'sp_unprepare',
};

const mostParameters = 2100;

/** The calls of a message: drivers send several at once. */
export const readCalls = (message: Buffer): Call[] => {
  const reader = new BufferReader(message);
  skipHeaders(reader);
  const calls: Call[] = [];
  while (reader.left > 0) {
    const length = reader.uint16();
    const procedure = length === 0xffff ? numbered[reader.uint16()] : reader.text(length);
    if (procedure === undefined) throw new ProtocolError('A procedure has a number that none has.');
    reader.uint16();
    const parameters: Parameter[] = [];
    while (reader.left > 0 && ![0x80, 0xff, 0xfe].includes(reader.peek())) {
      if (parameters.length >= mostParameters)
        throw new ProtocolError(`A call has at most ${mostParameters} parameters.`);
      const name = reader.shortText();
      const flags = reader.uint8();
      const wire = readType(reader);
      parameters.push({ name, type: wire.type, value: readValue(wire, reader), isOutput: (flags & 1) !== 0 });
    }
    if (reader.left > 0) reader.uint8();
    calls.push({ procedure, parameters });
  }
  return calls;
};

const steps: Readonly<Record<number, Step>> = { 5: 'begin', 7: 'commit', 8: 'rollback', 9: 'save' };

/** The step that a transaction message asks for; undefined for what is none, such as joining a distributed one. */
export const readStep = (message: Buffer): { step: Step | undefined; name: string; beginsAgain: boolean } => {
  const reader = new BufferReader(message);
  skipHeaders(reader);
  const step = steps[reader.uint16()];
  if (step === 'begin') reader.uint8();
  const name = reader.left > 0 ? reader.bytes(reader.uint8()).toString('utf16le') : '';
  const flags = (step === 'commit' || step === 'rollback') && reader.left > 0 ? reader.uint8() : 0;
  return { step, name, beginsAgain: (flags & 1) !== 0 };
};
