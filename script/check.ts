// What the linters cannot see: rooms import only what the table lets them, files are short and named alike, documents
// are true. Prints each breach and ends with status 1 if there is one.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rooms, roomTable, studioMayImport } from './room.ts';

const root = path.resolve(import.meta.dirname, '..');
const breaches: string[] = [];
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');

const isBelow = (file: string, place: string) => file === place || file.startsWith(`${place}/`);
const roomOf = (file: string) => rooms.find((room) => isBelow(file, room.path));

const checkImports = (file: string) => {
  const inside = path.relative('src', file);
  const room = roomOf(inside);
  if (!room) return breaches.push(`${file}: stands in no room (script/room.ts)`);
  if (room.mayImport.includes('*')) return;
  for (const [, specifier] of text(file).matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
    const target = path.relative('src', path.join(path.dirname(file), specifier!));
    const allowed = isBelow(target, room.path) || ['base', ...room.mayImport].some((place) => isBelow(target, place));
    if (!allowed) breaches.push(`${file}: ${room.path} may not import ${target} (script/room.ts)`);
  }
};

const checkStudioImports = (file: string) => {
  for (const [, specifier] of text(file).matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
    const target = path.relative('src', path.join(path.dirname(file), specifier!));
    const isInside = target.startsWith('../studio/');
    if (!isInside && !studioMayImport.some((place) => isBelow(target, place)))
      breaches.push(`${file}: the Studio may not import ${target} (script/room.ts)`);
  }
};

const forbiddenWords = /(^|[-/])(utils?|helpers?|common|manager|service|handler|impl)(\.|-|\/|$)/;
for (const file of files.filter((name) => /\.tsx?$/.test(name))) {
  const lines = text(file).split('\n').length;
  if (lines > 501) breaches.push(`${file}: ${lines} lines; the limit is 500 (split by idea)`);
  if (!/^[a-z0-9./-]+$/.test(file)) breaches.push(`${file}: file names are kebab-case`);
  if (forbiddenWords.test(file.replaceAll(/linked-service|private-link-service/g, '')))
    breaches.push(`${file}: the name says a role, not an idea`);
  if (/\b(TODO|FIXME|XXX)\b/.test(text(file)) && file !== 'script/check.ts')
    breaches.push(`${file}: left for later in the code`);
  if (/\b(test|it|describe)\.(skip|only|todo)\(/.test(text(file))) breaches.push(`${file}: a test that does not run`);
  if (file.startsWith('src/') && !file.endsWith('.test.ts')) checkImports(file);
  if (file.startsWith('studio/src/')) checkStudioImports(file);
  if (
    file.startsWith('src/') &&
    !isBelow(file, 'src/cli') &&
    !file.endsWith('.test.ts') &&
    /\bconsole\.\w+\(/.test(text(file))
  )
    breaches.push(`${file}: only src/cli prints`);
}

for (const file of files.filter((name) => name.endsWith('.md'))) {
  for (const [, link] of text(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g))
    if (!existsSync(path.join(root, path.dirname(file), link!)))
      breaches.push(`${file}: links to ${link}, which is not there`);
  const code = file === 'CHANGELOG.md' ? '' : text(file);
  for (const [, place] of code.matchAll(/`((?:src|test|bench|script|docs)\/[\w./-]+\.\w+)`/g))
    if (!existsSync(path.join(root, place!))) breaches.push(`${file}: names ${place}, which is not there`);
}
if (!text('ARCHITECTURE.md').includes(roomTable()))
  breaches.push('ARCHITECTURE.md: its table of rooms is not that of script/room.ts');
for (const file of files.filter((name) => name.startsWith('docs/decisions/')))
  if (text(file).split('\n').length > 41) breaches.push(`${file}: a decision record has at most 40 lines`);

if (breaches.length > 0) {
  process.stderr.write(`${breaches.join('\n')}\n${breaches.length} breaches\n`);
  process.exitCode = 1;
} else process.stdout.write(`${files.length} files: rooms, names, sizes and documents hold\n`);
