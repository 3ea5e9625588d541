// Which rows of a list are shown, and in which order.
import { useRef } from 'react';

/** Upwards: 1, 2, 3. */
export type Direction = 'up' | 'down';

type Sortable<Row> = { title: string; sortOf?(row: Row): string | number };

/** A column to order by. */
export type Order<Row, Col extends Sortable<Row> = Sortable<Row>> = { column: Col; direction: Direction };

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Reads `State down`; null for what names no column that rows can be ordered by. */
export const orderOf = <Row, Col extends Sortable<Row>>(
  text: string | null,
  columns: readonly Col[],
): Order<Row, Col> | null => {
  const [, title, direction] = /^(.+) (up|down)$/.exec(text ?? '') ?? [];
  const column = columns.find((one) => one.title === title && one.sortOf !== undefined);
  return column ? { column, direction: direction as Direction } : null;
};

const compare = (one: string | number, other: string | number) =>
  typeof one === 'number' && typeof other === 'number' ? one - other : collator.compare(String(one), String(other));

/** Rows that have the text, in the order that was asked for. Worked out anew when rows or wishes change, not with each drawing. */
export const useOrdered = <Row>(
  rows: readonly Row[],
  filter: string,
  filterOf: ((row: Row) => string) | undefined,
  order: Order<Row> | null,
): readonly Row[] => {
  const wanted = filter.trim().toLowerCase();
  const wish = `${wanted}\n${order?.column.title} ${order?.direction}`;
  const kept = useRef<{ rows: readonly Row[]; wish: string; shown: readonly Row[] } | null>(null);
  if (kept.current?.rows === rows && kept.current.wish === wish) return kept.current.shown;
  const found = wanted === '' || !filterOf ? rows : rows.filter((row) => filterOf(row).toLowerCase().includes(wanted));
  const sortOf = order?.column.sortOf;
  const sign = order?.direction === 'down' ? -1 : 1;
  const shown = sortOf ? found.toSorted((one, other) => sign * compare(sortOf(one), sortOf(other))) : found;
  kept.current = { rows, wish, shown };
  return shown;
};
