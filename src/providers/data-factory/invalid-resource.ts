import { ServiceError } from '../../base/error.ts';

/** The kinds of resource below a factory, as Data Factory's own messages call them. */
export type Kind =
  | 'ManagedVirtualNetwork'
  | 'ManagedPrivateEndpoint'
  | 'IntegrationRuntime'
  | 'LinkedService'
  | 'Dataset'
  | 'Pipeline';

/** 400 `InvalidResourceRequest` in the words of Data Factory. `target` names the field. */
export const invalidResource = (kind: Kind, name: string, reason: string, target?: string): ServiceError =>
  new ServiceError(
    400,
    'InvalidResourceRequest',
    `Invalid resource request. Resource type: '${kind}', Resource name: '${name}' 'Error: ${reason}'`,
    target === undefined ? {} : { target },
  );
