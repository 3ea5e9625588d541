// The one list of the Studio. A page gives columns and rows; filter, order, the keyboard, paging and long lists are here.
import { Button, Input } from '@fluentui/react-components';
import { ArrowDown16Regular } from '@fluentui/react-icons/svg/arrow-down';
import { ArrowUp16Regular } from '@fluentui/react-icons/svg/arrow-up';
import { Search16Regular } from '@fluentui/react-icons/svg/search';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useChoice, useTyped } from './choice.ts';
import styles from './data-list.module.css';
import { useNarrow } from './fit.ts';
import { type Direction, orderOf, useOrdered } from './list-order.ts';

/** One column. Without a width (px) it shares what the others leave. */
export type Column<Row> = {
  title: string;
  width?: number;
  isNumber?: boolean;
  cell(row: Row): ReactNode;
  /** What rows are ordered by when somebody chooses the column; without it nobody can. */
  sortOf?(row: Row): string | number;
};

type Props<Row> = {
  /** What the list holds, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  /** Where a row leads; its first column is the link. */
  linkOf?(row: Row): string;
  isSelected?(row: Row): boolean;
  /** The text that the filter looks in. With it the list has a filter and an order, which stand in the page's address. */
  filterOf?(row: Row): string;
  /** More rows are on the server. */
  hasMore?: boolean;
  /** They were asked for and did not come. */
  isFailing?: boolean;
  onMore?(): void;
  empty?: ReactNode;
};

const usualRowHeight = 41;
const usualCardHeight = (lines: number) => 17 + 26 * lines;
const fewRows = 5;

/** What a column without a width needs to be read. */
const leastShare = 140;

const stepOf = (key: string, count: number) =>
  ({ ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -count, End: count })[key];

const Heading = <Row,>({
  column: { title, isNumber, sortOf },
  direction,
  onOrder,
}: {
  column: Column<Row>;
  direction: Direction | null;
  onOrder: (() => void) | null;
}) => (
  <th
    scope="col"
    className={isNumber ? styles.number : ''}
    aria-sort={direction === null ? undefined : direction === 'up' ? 'ascending' : 'descending'}
  >
    {sortOf && onOrder ? (
      <button type="button" className={styles.order} onClick={onOrder}>
        {title}
        {direction === 'up' && <ArrowUp16Regular />}
        {direction === 'down' && <ArrowDown16Regular />}
      </button>
    ) : (
      title
    )}
  </th>
);

/** Rows in columns; cards where the screen is narrow. */
export const DataList = <Row,>({
  label,
  columns,
  rows,
  keyOf,
  linkOf,
  isSelected,
  filterOf,
  hasMore = false,
  isFailing = false,
  onMore,
  empty,
}: Props<Row>) => {
  const { chosen, chosenNow, choose } = useChoice();
  // Where columns have no room side by side, rows are cards.
  const {
    isNarrow: isCards,
    element: scroller,
    place,
  } = useNarrow<HTMLDivElement>(columns.reduce((sum, { width = leastShare }) => sum + width, 0));
  // The last row is wanted, wherever it is: all before it are fetched first.
  const [isToEnd, setToEnd] = useState(false);
  const [typed, type] = useTyped('filter');
  const filter = useDeferredValue(filterOf ? typed : '');
  const order = filterOf ? orderOf(chosen('sort'), columns) : null;
  const shown = useOrdered(rows, filter, filterOf, order);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller,
    estimateSize: () => (isCards ? usualCardHeight(columns.length) : usualRowHeight),
    getItemKey: (index) => keyOf(shown[index]!),
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const wantsMore = hasMore && !isFailing && (isToEnd || order !== null || last >= shown.length - 20);
  useEffect(() => {
    if (wantsMore) onMore?.();
  }, [wantsMore, onMore]);
  const focusOn = (index: number) => {
    virtual.scrollToIndex(index);
    requestAnimationFrame(() =>
      scroller?.querySelector<HTMLElement>(`tr[data-index="${index}"] a`)?.focus({ preventScroll: true }),
    );
  };
  const latestFocus = useRef(focusOn);
  latestFocus.current = focusOn;
  useEffect(() => {
    if (!isToEnd || (hasMore && !isFailing)) return;
    setToEnd(false);
    latestFocus.current(shown.length - 1);
  }, [isToEnd, hasMore, isFailing, shown.length]);
  /** Up, down, as it comes. */
  const orderBy = (column: Column<Row>) => {
    const now = orderOf(chosenNow('sort'), columns);
    const next = now?.column !== column ? 'up' : now.direction === 'up' ? 'down' : null;
    choose({ sort: next === null ? null : `${column.title} ${next}` }, false);
  };
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    const row = target.closest('tr');
    const step = stepOf(event.key, shown.length);
    if (step === undefined || !row?.dataset.index || !target.closest('a')) return;
    event.preventDefault();
    if (event.key === 'End' && hasMore) return setToEnd(true);
    focusOn(Math.min(shown.length - 1, Math.max(0, Number(row.dataset.index) + step)));
  };
  if (rows.length === 0 && !hasMore) return empty;
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const count = `${rows.length.toLocaleString()}${hasMore ? '+' : ''}`;
  return (
    <div className={styles.list}>
      {filterOf && (rows.length > fewRows || filter !== '') && (
        <div className={styles.tools}>
          <Input
            className={styles.filter ?? ''}
            contentBefore={<Search16Regular />}
            placeholder={`Filter ${count} ${label.toLowerCase()}`}
            aria-label={`Filter ${label.toLowerCase()}`}
            value={typed}
            onChange={(_, { value }) => type(value)}
            type="search"
          />
          <span className={styles.count} role="status">
            {[
              ...(filter === '' ? [] : [`${shown.length.toLocaleString()} of ${count}`]),
              ...(wantsMore && (isToEnd || order !== null || filter !== '') ? ['Looking through the rest…'] : []),
            ].join('. ')}
          </span>
        </div>
      )}
      {/* Where no row has a link to go to, the keyboard still has to scroll. */}
      <div
        className={styles.scroller}
        ref={place}
        {...(!linkOf && { tabIndex: 0, role: 'group', 'aria-label': label })}
      >
        <table
          className={`${styles.table} ${isCards ? styles.cards : ''}`}
          aria-label={label}
          aria-rowcount={hasMore ? -1 : shown.length + 1}
          onKeyDown={move}
        >
          <colgroup>
            {columns.map(({ title, width }) => (
              <col key={title} style={width === undefined ? {} : { width }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <Heading
                  key={column.title}
                  column={column}
                  direction={order?.column === column ? order.direction : null}
                  onOrder={filterOf && rows.length > 1 ? () => orderBy(column) : null}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && (
              <tr className={styles.gap}>
                <td style={{ height: before }} colSpan={columns.length} />
              </tr>
            )}
            {items.map(({ index, key }) => {
              const row = shown[index]!;
              return (
                <tr
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  aria-rowindex={index + 2}
                  className={isSelected?.(row) ? styles.selected : ''}
                >
                  {columns.map(({ title, cell, isNumber }, at) => (
                    <td key={title} data-label={title} className={isNumber ? styles.number : ''}>
                      {at === 0 && linkOf ? (
                        <Link
                          className={styles.link}
                          to={linkOf(row)}
                          aria-current={isSelected?.(row) ? 'true' : undefined}
                        >
                          {cell(row)}
                        </Link>
                      ) : (
                        cell(row)
                      )}
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && (
              <tr className={styles.gap}>
                <td style={{ height: after }} colSpan={columns.length} />
              </tr>
            )}
          </tbody>
        </table>
        {shown.length === 0 && !wantsMore && <p className={styles.none}>Nothing matches “{filter}”.</p>}
        {isFailing && (
          <p className={styles.none} role="alert">
            The rest could not be read. <Button onClick={onMore}>Try again</Button>
          </p>
        )}
      </div>
    </div>
  );
};
