import { factoryWrite, useMayMake } from '../../api/factory.ts';
import { groupOf } from '../../api/id.ts';
import { usePages } from '../../api/query.ts';
import type { Factory } from '../../api/shape.ts';
import { factoryAddress } from '../../app/factory.ts';
import { useSubscription } from '../../app/who.ts';
import { useChoice } from '../../component/choice.ts';
import { DataList } from '../../component/data-list.tsx';
import { Empty } from '../../component/empty.tsx';
import { GuardedButton } from '../../component/guarded-button.tsx';
import { Instant } from '../../component/instant.tsx';
import { Answered, Page } from '../../component/page.tsx';
import { FactoryForm } from './factory-form.tsx';

/** Every factory that the person may see, and a way to make one. */
export const FactoriesPage = () => {
  const subscription = useSubscription();
  const pages = usePages<Factory>(`${subscription}/providers/Microsoft.DataFactory/factories`);
  const { chosen, choose } = useChoice();
  const may = useMayMake(subscription);
  const create = (
    <GuardedButton appearance="primary" may={may} needs={factoryWrite} onClick={() => choose({ new: '' })}>
      New factory
    </GuardedButton>
  );
  return (
    <Page title="Factories" says="A factory holds pipelines, and the sealed network that they run in." actions={create}>
      <Answered of={pages}>
        {(all) => (
          <DataList
            label="Factories"
            rows={all}
            {...pages.more}
            keyOf={({ id }) => id}
            linkOf={({ id }) => factoryAddress(id)}
            filterOf={({ name }) => name}
            columns={[
              { title: 'Name', cell: ({ name }) => <code>{name}</code>, sortOf: ({ name }) => name },
              { title: 'Resource group', cell: ({ id }) => groupOf(id), sortOf: ({ id }) => groupOf(id) },
              { title: 'Region', width: 140, cell: ({ location }) => location },
              {
                title: 'Made',
                width: 180,
                cell: ({ properties }) => <Instant at={properties.createTime} />,
                sortOf: ({ properties }) => properties.createTime,
              },
            ]}
            empty={
              may === false ? (
                <Empty title="You may see no factory, and make none">
                  Whoever assigns roles here can give you one, as Data Factory Contributor on a resource group.
                </Empty>
              ) : (
                <Empty title="No factory yet" action={create}>
                  Make a factory. It comes with a managed network, which nothing can leave, and a runtime in it.
                </Empty>
              )
            }
          />
        )}
      </Answered>
      {chosen('new') !== null && <FactoryForm onClose={() => choose({ new: null }, false)} />}
    </Page>
  );
};
