import type { LinkedService } from '../../api/authoring.ts';
import { AuthoredList } from './authored.tsx';
import { linkedServices } from './kind.ts';

/** The linked services of a factory. */
export const LinkedServicesPage = () => (
  <AuthoredList<LinkedService['properties']>
    kind={linkedServices}
    title="Linked services"
    says="How a store is reached, as whom, and from which runtime."
    columns={[
      { title: 'Type', cell: ({ properties }) => <code>{properties.type}</code> },
      {
        title: 'Runtime',
        cell: ({ properties }) =>
          properties.connectVia ? <code>{properties.connectVia.referenceName}</code> : 'The default one',
      },
      { title: 'Description', cell: ({ properties }) => String(properties.description ?? '–') },
    ]}
    teaches="A linked service says how a store is reached. Make one, and test its connection: if an endpoint is missing, you can request it from the error."
  />
);
