// How a test of a connection ended. Where an endpoint is missing or waits, the way on is a button.
import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { nameIn } from '../../../../src/base/show.ts';
import { zones } from '../../../../src/network/policy/zone.ts';
import type { TestReason, TestResult } from '../../api/authoring.ts';
import { isSameId } from '../../api/id.ts';
import { type Store, useStores } from '../../api/store.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { useSubscription } from '../../app/who.ts';
import { ErrorCard, policyFirst } from '../../component/error-card.tsx';
import { EndpointForm, type EndpointWish } from '../network/endpoint-form.tsx';

const wantsEndpoint = ['PrivateEndpointRequired', 'PrivateEndpointExists', 'PublicAccessDisabled'];
const hasEndpoint = ['EndpointPending', 'EndpointRejected', 'EndpointDisconnected', 'EndpointExpired'];

/** The store and sub-resource behind a host, if it is one that the person may see; else only its sub-resource. */
export const wishFor = (host: string, stores: readonly Store[]): EndpointWish | null => {
  const zone = zones.find(({ publicSuffix, tail }) => tail === '' && host.endsWith(`.${publicSuffix}`));
  if (!zone) return null;
  const name = host.slice(0, -zone.publicSuffix.length - 1);
  const store = stores.find((one) => isSameId(one.name, name) && isSameId(one.type, zone.resourceType));
  return { resourceId: store?.id ?? '', groupId: zone.groupId, type: zone.resourceType };
};

/** The buttons that lead on from a policy's refusal: request the endpoint, or see the one that is there. */
export const WayOn = ({ factory, reasons }: { factory: FactoryPlace; reasons: readonly TestReason[] }) => {
  const { stores } = useStores(useSubscription());
  const [wish, setWish] = useState<EndpointWish | null>(null);
  const go = useNavigate();
  const missing = reasons.find(({ code, host }) => wantsEndpoint.includes(code) && host !== undefined);
  const waiting = reasons.find(({ code, endpoint }) => hasEndpoint.includes(code) && endpoint);
  const found =
    missing?.resourceId && missing.groupId
      ? { resourceId: missing.resourceId, groupId: missing.groupId }
      : missing?.host
        ? wishFor(missing.host, stores)
        : null;
  return (
    <>
      {found && (
        <Button appearance="primary" onClick={() => setWish(found)}>
          Request the endpoint
        </Button>
      )}
      {waiting?.endpoint && (
        <Button onClick={() => void go(`${factory.at}/endpoints/${nameIn(waiting.endpoint!)}`)}>
          See the endpoint
        </Button>
      )}
      {wish && <EndpointForm factory={factory} wish={wish} onClose={() => setWish(null)} />}
    </>
  );
};

/** The report. */
export const TestReport = ({
  factory,
  result,
  error,
  onAgain,
}: {
  factory: FactoryPlace;
  result: TestResult | null;
  error: unknown;
  onAgain(): void;
}) => {
  if (error) return <ErrorCard title="The test could not be made" error={error} onRetry={onAgain} />;
  if (!result) return null;
  if (result.succeeded)
    return (
      <MessageBar intent="success">
        <MessageBarBody>
          <MessageBarTitle>Connection successful.</MessageBarTitle>
        </MessageBarBody>
      </MessageBar>
    );
  const { code = 'Failed', message = '', details = [] } = result.error ?? {};
  return (
    <ErrorCard title="The connection failed" reasons={policyFirst({ code, message }, details)} onRetry={onAgain}>
      <WayOn factory={factory} reasons={[{ code, message }, ...details]} />
    </ErrorCard>
  );
};
