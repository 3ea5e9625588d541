// Paths into JSON as mappings write them: `$['a']['b']`, `$.a.b`, `['b'][0]`. Pure.
import { type Properties, propertyError } from '../../property.ts';

/** Steps down from the whole object (`$`), or from the item of the list whose items are the rows. */
export type JsonPath = { fromRoot: boolean; steps: readonly (string | number)[] };

const step = /\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(\d{1,9})\]|\.?([^.[\]'"\s$][^.[\]]*)/y;

/** Reads a path; undefined where the text is none. */
export const readJsonPath = (text: string): JsonPath | undefined => {
  const fromRoot = text.startsWith('$');
  const steps: (string | number)[] = [];
  for (let at = fromRoot ? 1 : 0; at < text.length; at = step.lastIndex) {
    step.lastIndex = at;
    const found = step.exec(text);
    // A name without a dot can only stand first.
    if (!found || (found[4] !== undefined && !found[0].startsWith('.') && (at > 0 || fromRoot))) return undefined;
    const [, single, double, index, name] = found;
    steps.push(index === undefined ? (name ?? (single ?? double)!.replaceAll(/\\(.)/gs, '$1')) : Number(index));
  }
  return fromRoot || steps.length > 0 ? { fromRoot, steps } : undefined;
};

/** A path as the one text that stands for it as a column's name; a path to a property of the row is that name. */
export const writeJsonPath = ({ fromRoot, steps }: JsonPath): string => {
  const [first] = steps;
  if (!fromRoot && steps.length === 1 && typeof first === 'string') return first;
  const shown = steps.map((each) =>
    typeof each === 'number' ? `[${each}]` : `['${each.replaceAll(/['\\]/g, '\\$&')}']`,
  );
  return `${fromRoot ? '$' : ''}${shown.join('')}`;
};

/** The path that a column's name stands for: that of `writeJsonPath`, else the property of that name. */
export const pathOfColumn = (name: string): JsonPath => {
  const path = /^\$?\[/.test(name) ? readJsonPath(name) : undefined;
  return path && writeJsonPath(path) === name ? path : { fromRoot: false, steps: [name] };
};

/** The path that a property holds. Fails where it is none. */
export const jsonPathAt = (from: Properties, name: string, text: string): JsonPath => {
  const path = readJsonPath(text);
  if (!path) throw propertyError(from, name, "must be a path such as $['name']['first'] or $.name.first");
  return path;
};
