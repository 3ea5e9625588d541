import { Readable } from 'node:stream';

const words = [
  'Night',
  'River',
  'Señor',
  'Œuvre',
  'Garden',
  'Ångström',
  'Winter',
  'Letter',
  'Zürich',
  'Café',
  'Station',
  'Mountain',
  '東京',
  'Lighthouse',
  'Orchard',
  'Straße',
  'Harbour',
  'Clock',
  'Niño',
  'Paper',
  'Москва',
  'Violin',
  'Glass',
  'Island',
];
const genres = ['Comedy', 'Drama', 'Thriller', 'Romance', 'Documentary', 'Animation', 'Western'];

/** Numbers from 0 (inclusive) to 1 that are the same in every run: a linear congruential generator (Numerical Recipes' constants). */
const generator = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

const quoted = (text: string) => `"${text.replaceAll('"', '\\"')}"`;

/**
 * A table of films as delimited text, the same bytes in every run: header `movie,title,genres,year,Rating,Synopsis`,
 * titles with quoted commas and non-ASCII letters, about 120 bytes a row.
 */
export const movies = (rows: number): Readable => {
  const next = generator(2020);
  const pick = (list: readonly string[]) => list[Math.floor(next() * list.length)]!;
  const row = (index: number) => {
    const title = next() < 0.25 ? `${pick(words)} ${pick(words)}, The` : `The ${pick(words)} of ${pick(words)}`;
    const year = 1910 + Math.floor(next() * 115);
    const synopsis = `${pick(words)} meets ${pick(words)}, and neither of them ${next() < 0.5 ? 'says "no"' : 'will forget'} the ${pick(words)} again`;
    return `${index},${quoted(`${title} (${year})`)},${pick(genres)}|${pick(genres)},${year},${1 + Math.floor(next() * 10)},${quoted(synopsis)}\n`;
  };
  const lines = function* () {
    yield 'movie,title,genres,year,Rating,Synopsis\n';
    for (let index = 1; index <= rows; index += 1000) {
      let chunk = '';
      for (let at = index; at < Math.min(index + 1000, rows + 1); at += 1) chunk += row(at);
      yield chunk;
    }
  };
  return Readable.from(
    (function* () {
      for (const chunk of lines()) yield Buffer.from(chunk, 'utf8');
    })(),
    { objectMode: false },
  );
};
