// Lists of what is authored, and one of them opened by its address: the same for linked services, datasets and pipelines.
import type { ReactNode } from 'react';
import { useNavigate, useParams } from 'react-router';
import type { JsonObject } from '../../../../src/base/json.ts';
import { useRights } from '../../api/permission.ts';
import { useArm, usePages } from '../../api/query.ts';
import type { Resource } from '../../api/shape.ts';
import { useFactory } from '../../app/factory.ts';
import { type Column, DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Answered, Page } from '../../component/page.tsx';
import type { Authored } from './editor.tsx';

/** In an address: what is none yet. No name can be it. */
const newName = '~new';

/** A list page of authored things. */
export const AuthoredList = <T extends JsonObject>({
  kind,
  title,
  says,
  columns,
  teaches,
}: {
  kind: Authored;
  title: string;
  says: string;
  columns: readonly Column<Resource<T>>[];
  /** What stands where there is none yet. */
  teaches: string;
}) => {
  const factory = useFactory();
  const go = useNavigate();
  const pages = usePages<Resource<T>>(`${factory.id}/${kind.collection}`);
  const { may } = useRights(factory.id);
  const write = `Microsoft.DataFactory/factories/${kind.collection}/write`;
  const create = (
    <GuardedButton
      appearance="primary"
      may={may(write)}
      needs={write}
      onClick={() => void go(`${factory.at}/${kind.at}/${newName}`)}
    >
      New {kind.word}
    </GuardedButton>
  );
  return (
    <Page title={title} says={says} actions={create}>
      <Answered of={pages}>
        {(all) => (
          <DataList
            label={title}
            rows={all}
            {...pages.more}
            keyOf={({ id }) => id}
            linkOf={({ name }) => `${factory.at}/${kind.at}/${encodeURIComponent(name)}`}
            filterOf={({ name }) => name}
            columns={[
              { title: 'Name', cell: ({ name }) => <code>{name}</code>, sortOf: ({ name }) => name },
              ...columns,
            ]}
            empty={
              <Empty title={`No ${kind.word} yet`} action={create}>
                {teaches}
              </Empty>
            }
          />
        )}
      </Answered>
    </Page>
  );
};

/** The heading of a page of the kind, by the name in its address. */
export const titleFor = ({ word }: Authored, name: string): string => (name === newName ? `New ${word}` : name);

/** Opens what the address names; `~new` is none yet. */
export const AuthoredPage = <T extends JsonObject>({
  kind,
  children,
}: {
  kind: Authored;
  children(stored: Resource<T> | null): ReactNode;
}) => {
  const factory = useFactory();
  const { name = '' } = useParams();
  const isNew = name === newName;
  const stored = useArm<Resource<T>>(isNew ? null : `${factory.id}/${kind.collection}/${encodeURIComponent(name)}`);
  if (isNew) return children(null);
  if (stored.data) return children(stored.data);
  return (
    <Page title={titleFor(kind, name)} isWide>
      <Answered of={stored}>{() => null}</Answered>
    </Page>
  );
};
