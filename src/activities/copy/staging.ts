// Whether a copy goes by way of a store of files in between. Pure.
import { flagAt, groupAt, type Properties, propertyError } from '../../connectors/property.ts';
import { type FolderPlace, readFolderPlace, type Services } from './folder-place.ts';

/** Where the interim files go, and whether they are compressed there. */
export type Staging = FolderPlace & { compresses: boolean };

/** Azure's own interim stores. */
const kinds: readonly string[] = ['AzureBlobStorage', 'AzureBlobFS'];

/** Where they go without a `path`. As any sink's container it is made where it is missing; a file system is not. */
const roots = { AzureBlobStorage: 'postern-staging' };

/** Reads `enableStaging` and `stagingSettings`; undefined where rows go straight to the sink. */
export const readStaging = (activity: Properties, services: Services): Staging | undefined => {
  if (!flagAt(activity, 'enableStaging')) return undefined;
  const settings = groupAt(activity, 'stagingSettings');
  const place = readFolderPlace(settings, services, roots);
  if (!kinds.includes(place.connector.type))
    throw propertyError(
      settings,
      'linkedServiceName',
      `is of type ${place.connector.type}; interim files go to ${kinds.join(' or ')}`,
    );
  return { ...place, compresses: flagAt(settings, 'enableCompression') ?? false };
};
