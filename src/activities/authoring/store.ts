import { ActivityError } from '../../base/error.ts';
import type { StoreItem } from '../../connectors/look.ts';
import { connectors } from '../../connectors/registry.ts';
import type { ActivityContext } from '../definition.ts';
import type { ActivityJob } from '../job.ts';

/** What stands at a path of the store that a job's linked service leads to. Nothing is sent before the first item is asked for. */
export const lookAt = async (
  { linkedService, name }: ActivityJob,
  path: string,
  { signal, tokens }: ActivityContext,
): Promise<AsyncIterable<StoreItem>> => {
  if (!linkedService) throw new ActivityError('UserErrorInvalidActivity', `'${name}' must name a linked service.`);
  const connector = connectors.find(({ type }) => type === linkedService.type);
  if (!connector)
    throw new ActivityError(
      'UserErrorUnsupportedStore',
      `Linked service '${linkedService.name}' is of type ${linkedService.type}, which cannot be looked into. Supported: ${connectors.map(({ type }) => type).join(', ')}.`,
    );
  const properties = {
    values: linkedService.typeProperties,
    where: `Linked service '${linkedService.name}'.typeProperties`,
  };
  const { baseUrl } = linkedService.typeProperties;
  const host = (typeof baseUrl === 'string' && URL.parse(baseUrl)?.host) || '';
  const { look } = await connector.look();
  return look(properties, path, signal, tokens && Object.hasOwn(tokens, host) ? tokens[host] : undefined);
};
