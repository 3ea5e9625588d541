// Compiles what workers run, before the tests. Where no network can be sealed it does nothing: the tests will say why.
import path from 'node:path';
import { prepareSeal } from '../src/network/namespace/prepare.ts';
import { compiledForTests } from './compiled.ts';

const projectRoot = path.resolve(import.meta.dirname, '..');
const prepared = await prepareSeal({ projectRoot, cache: compiledForTests }).catch(() => undefined);
await prepared?.warmed;
prepared?.close();
