import { numberText } from '../../row/convert.ts';
import type { Column, Value } from '../../row/record-batch.ts';
import { UnwritableValue } from '../encoding.ts';
import { pathOfColumn } from './path.ts';

/** A place in the object that is written: a column's value, or an object of its own. */
type Node = { at: number } | Map<string, Node>;

const treeOf = (columns: readonly Column[]): Map<string, Node> => {
  const root = new Map<string, Node>();
  for (const [at, { name }] of columns.entries()) {
    const { steps } = pathOfColumn(name);
    let node = root;
    for (const [index, step] of steps.entries()) {
      if (typeof step === 'number')
        throw new UnwritableValue(`the mapping's path ${name} names an item of a list, which is not supported`);
      const below = node.get(step);
      if (index === steps.length - 1 || (below !== undefined && 'at' in below)) {
        if (below !== undefined) throw new UnwritableValue(`two columns are mapped to one place: ${name}`);
        node.set(step, { at });
      } else {
        const inner: Map<string, Node> = (below as Map<string, Node> | undefined) ?? new Map();
        node.set(step, inner);
        node = inner;
      }
    }
  }
  return root;
};

type Write = (row: readonly Value[]) => string;

const valueWriter = ({ type }: Column, at: number): Write => {
  // A decimal in its one form is a number of JSON as it stands.
  if (type === 'Decimal') return (row) => (row[at] === null ? 'null' : String(row[at]));
  return (row) => {
    const value = row[at]!;
    return typeof value === 'string' ? JSON.stringify(value) : numberText(value);
  };
};

const objectWriter = (node: Map<string, Node>, columns: readonly Column[]): Write => {
  const members = [...node].map(([name, child], index) => ({
    start: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
    write: 'at' in child ? valueWriter(columns[child.at]!, child.at) : objectWriter(child, columns),
  }));
  return (row) => {
    let text = '{';
    for (const { start, write } of members) text += start + write(row);
    return `${text}}`;
  };
};

/** Makes the writer of a row as an object; columns whose names are paths stand in objects of their own. Errors: `UnwritableValue`. */
export const createObjectStringifier = (columns: readonly Column[]): Write => objectWriter(treeOf(columns), columns);
