// Loads every module it is given, in a jail whose cache folder can be written, so that Node keeps their compiled form.
import { flushCompileCache } from 'node:module';

// Modules may print as they load, and one of them is a program: none of it matters here.
await Promise.allSettled(process.argv.slice(2).map((module) => import(module)));
flushCompileCache();
process.exit(0);
