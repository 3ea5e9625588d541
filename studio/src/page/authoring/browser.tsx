// What a store holds, folder by folder, as the runtime sees it.
import { Button, Spinner } from '@fluentui/react-components';
import { Document16Regular } from '@fluentui/react-icons/svg/document';
import { Folder16Regular } from '@fluentui/react-icons/svg/folder';
import { Table16Regular } from '@fluentui/react-icons/svg/table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { bytes } from '../../../../src/base/show.ts';
import { type BrowseItem, browse, type Subject } from '../../api/authoring.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { DataList } from '../../component/data-list.tsx';
import { ErrorCard } from '../../component/error-card.tsx';
import { Instant } from '../../component/instant.tsx';
import { Section } from '../../component/page.tsx';
import { Path } from '../../component/path.tsx';
import styles from './browser.module.css';

const isLeaf = ({ kind }: BrowseItem) => ['File', 'Table', 'Collection', 'Secret'].includes(kind);

const iconOf = (item: BrowseItem) =>
  item.kind === 'Table' || item.kind === 'Collection' ? (
    <Table16Regular />
  ) : isLeaf(item) ? (
    <Document16Regular />
  ) : (
    <Folder16Regular />
  );

/** The browser. `onChoose` is told what somebody picked; without it things are only looked at. */
export const Browser = ({
  factory,
  subject,
  onChoose,
}: {
  factory: FactoryPlace;
  subject: Subject;
  onChoose?: (item: BrowseItem) => void;
}) => {
  const [path, setPath] = useState('');
  const found = useQuery({
    queryKey: ['browse', factory.id, JSON.stringify(subject), path],
    queryFn: () => browse(factory.id, subject, path),
    retry: false,
    staleTime: 0,
  });
  const parts = path.split('/').filter((part) => part !== '');
  return (
    <Section title="In the store">
      <Path label="Path" top="Top" parts={parts} onGo={(depth) => setPath(parts.slice(0, depth).join('/'))} />
      {found.isPending && (
        <Spinner size="small" label="Asking the store" labelPosition="after" className={styles.busy ?? ''} />
      )}
      {found.error && <ErrorCard error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <DataList
          label="What it holds"
          rows={found.data.items}
          keyOf={(item) => item.path}
          filterOf={({ name }) => name}
          columns={[
            {
              title: 'Name',
              cell: (item) => (
                <button
                  type="button"
                  className={styles.item}
                  disabled={isLeaf(item) && !onChoose}
                  onClick={() => (isLeaf(item) ? onChoose?.(item) : setPath(item.path))}
                >
                  {iconOf(item)} <code>{item.name}</code>
                </button>
              ),
            },
            { title: 'Kind', width: 100, cell: ({ kind }) => kind },
            { title: 'Size', width: 90, isNumber: true, cell: ({ size }) => (size === undefined ? '–' : bytes(size)) },
            { title: 'Changed', width: 150, cell: ({ modifiedAt }) => <Instant at={modifiedAt} /> },
          ]}
          empty={<p>Nothing is here.</p>}
        />
      )}
      {found.data?.truncated && <p>There is more than is shown here.</p>}
      {onChoose && parts.length > 0 && (
        <div>
          <Button size="small" onClick={() => onChoose({ name: parts.at(-1)!, kind: 'Folder', path })}>
            Use this folder
          </Button>
        </div>
      )}
    </Section>
  );
};
