// The one list of the Studio. A page gives columns and rows; filtering, the keyboard, paging and long lists are here.
import { Input } from '@fluentui/react-components';
import { Search16Regular } from '@fluentui/react-icons/svg/search';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import styles from './data-list.module.css';

/** One column. Without a width (px) it shares what the others leave. */
export type Column<Row> = {
  title: string;
  width?: number;
  isNumber?: boolean;
  cell(row: Row): ReactNode;
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
  /** The text that the filter looks in; no filter without it. */
  filterOf?(row: Row): string;
  /** More rows are on the server. */
  hasMore?: boolean;
  onMore?(): void;
  empty?: ReactNode;
};

const usualRowHeight = 41;

const moveFocus = (event: KeyboardEvent<HTMLElement>, scrollTo: (index: number) => void, count: number) => {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -count, End: count }[event.key];
  const row = (event.target as HTMLElement).closest('tr');
  if (step === undefined || !row?.dataset.index || !(event.target as HTMLElement).closest('a')) return;
  event.preventDefault();
  const next = Math.min(count - 1, Math.max(0, Number(row.dataset.index) + step));
  const table = row.closest('table');
  scrollTo(next);
  requestAnimationFrame(() => table?.querySelector<HTMLElement>(`tr[data-index="${next}"] a`)?.focus());
};

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
  onMore,
  empty,
}: Props<Row>) => {
  const [filter, setFilter] = useState('');
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = filter.trim().toLowerCase();
  const shown = wanted === '' || !filterOf ? rows : rows.filter((row) => filterOf(row).toLowerCase().includes(wanted));
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => usualRowHeight,
    getItemKey: (index) => keyOf(shown[index]!),
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && last >= shown.length - 20) onMore?.();
  }, [hasMore, last, shown.length, onMore]);
  if (rows.length === 0 && !hasMore) return empty;
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className={styles.list}>
      {filterOf && rows.length > 5 && (
        <Input
          className={styles.filter ?? ''}
          contentBefore={<Search16Regular />}
          placeholder={`Filter ${rows.length}${hasMore ? '+' : ''} ${label.toLowerCase()}`}
          aria-label={`Filter ${label.toLowerCase()}`}
          value={filter}
          onChange={(_, { value }) => setFilter(value)}
          type="search"
        />
      )}
      <div className={styles.scroller} ref={scroller}>
        <table
          className={styles.table}
          aria-label={label}
          aria-rowcount={hasMore ? -1 : shown.length + 1}
          onKeyDown={(event) => moveFocus(event, (index) => virtual.scrollToIndex(index), shown.length)}
        >
          <colgroup>
            {columns.map(({ title, width }) => (
              <col key={title} style={width === undefined ? {} : { width }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map(({ title, isNumber }) => (
                <th key={title} scope="col" className={isNumber ? styles.number : ''}>
                  {title}
                </th>
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
        {shown.length === 0 && <p className={styles.none}>Nothing matches “{filter}”.</p>}
      </div>
    </div>
  );
};
