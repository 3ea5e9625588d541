import type { Dataset } from '../../api/authoring.ts';
import { AuthoredList } from './authored.tsx';
import { datasets } from './kind.ts';

/** The datasets of a factory. */
export const DatasetsPage = () => (
  <AuthoredList<Dataset['properties']>
    kind={datasets}
    title="Datasets"
    says="What stands where in a store, and in which form."
    columns={[
      { title: 'Type', cell: ({ properties }) => <code>{properties.type}</code> },
      { title: 'Linked service', cell: ({ properties }) => <code>{properties.linkedServiceName.referenceName}</code> },
    ]}
    teaches="A dataset is a file, a folder or a table in a linked service’s store. Make one, and preview its rows."
  />
);
