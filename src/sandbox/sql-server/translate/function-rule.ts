import type { Expression } from '../language/syntax.ts';
import type { Context, Piece, Scope } from './context.ts';

export type Call = Extract<Expression, { kind: 'call' }>;

/** What a function is told: its call, and where it stands. */
export type CallSite = { call: Call; context: Context; scope: Scope | null };

/** A function of so many arguments, and what it is for the engine. */
export type FunctionRule = { least: number; most: number; translate(given: Piece[], site: CallSite): Piece };

/** A function that looks at its arguments before these are translated. */
export type RawRule = { raw(site: CallSite): Piece };

export type FunctionTable = Readonly<Record<string, FunctionRule | RawRule>>;

export const rule = (least: number, most: number, translate: FunctionRule['translate']): FunctionRule => ({
  least,
  most,
  translate,
});
