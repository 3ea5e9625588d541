import type { ConnectorDefinition } from '../definition.ts';
import { group, text } from '../property-schema.ts';

/** Azure Key Vault. */
export const azureKeyVault: ConnectorDefinition = {
  type: 'AzureKeyVault',
  summary: 'Secrets for other linked services, read as the managed identity of the factory.',
  typeProperties: {
    ...group({ baseUrl: text }, ['baseUrl']),
    // Naming another identity that would silently not be used is refused.
    not: { required: ['credential'] },
  },
  look: () => import('./look.ts'),
};
