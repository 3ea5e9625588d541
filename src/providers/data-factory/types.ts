// Everything below Microsoft.DataFactory, in reading order.
import type { ActionType, ResourceType } from '../../arm/resource-type.ts';
import type { SecretKey } from '../../database/secret.ts';
import type { Pipelines } from '../../pipelines/pipelines.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Publish } from '../publication.ts';
import type { TargetKind } from '../target/target.ts';
import { datasetType } from './dataset.ts';
import { factoryType } from './factory.ts';
import { integrationRuntimeType } from './integration-runtime.ts';
import { knownTypes } from './known-type.ts';
import { linkedServiceType } from './linked-service.ts';
import { managedPrivateEndpointType } from './managed-private-endpoint.ts';
import { managedVirtualNetworkType } from './managed-virtual-network.ts';
import { pipelineType } from './pipeline.ts';

/** The resource types of Data Factory. `kinds` are what endpoints may lead to. */
export const dataFactoryTypes = (rooms: {
  publish: Publish;
  pipelines: Pipelines;
  runtime: Runtime;
  kinds: readonly TargetKind[];
  secretKey: SecretKey;
  tenantId: string;
  /** What may be asked of a factory and of its networks, with the permission that it takes. */
  networkActions(permission: string): readonly ActionType[];
  /** What may be asked of a factory by whoever writes its pipelines. */
  authoringActions: readonly ActionType[];
}): ResourceType[] => [
  factoryType(rooms),
  managedVirtualNetworkType(
    rooms.publish,
    rooms.networkActions('Microsoft.DataFactory/factories/managedVirtualNetworks/read'),
  ),
  managedPrivateEndpointType(rooms.kinds, rooms.publish),
  integrationRuntimeType(rooms.runtime),
  linkedServiceType(knownTypes, rooms.secretKey),
  datasetType(knownTypes, rooms.secretKey),
  pipelineType(knownTypes, rooms.secretKey, rooms.pipelines),
];
