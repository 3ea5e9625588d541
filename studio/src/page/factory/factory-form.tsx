// A new factory, with the network and the runtime that make it sealed.
import { Checkbox, Field, Input } from '@fluentui/react-components';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { factoryName } from '../../../../src/providers/data-factory/name.ts';
import { ApiError } from '../../api/error.ts';
import { useAll } from '../../api/query.ts';
import { useSend } from '../../api/save.ts';
import type { Resource } from '../../api/shape.ts';
import { factoryPlace } from '../../app/factory.ts';
import { useSubscription } from '../../app/who.ts';
import { FormDialog } from '../../component/form-dialog.tsx';
import { isName, NameField } from '../../component/name-field.tsx';

/** The body of a runtime in the factory's managed network. */
export const sealedRuntime = {
  properties: {
    type: 'Managed',
    typeProperties: { computeProperties: { location: 'AutoResolve' } },
    managedVirtualNetwork: { type: 'ManagedVirtualNetworkReference', referenceName: 'default' },
  },
};

/** The form. Opens the factory when it is made. */
export const FactoryForm = ({ onClose }: { onClose(): void }) => {
  const subscription = useSubscription();
  const groups = useAll<Resource>(`${subscription}/resourceGroups`).data ?? [];
  const [name, setName] = useState('');
  const [group, setGroup] = useState('');
  const [location, setLocation] = useState('westeurope');
  const [isSealed, setSealed] = useState(true);
  const send = useSend();
  const go = useNavigate();
  const factory = factoryPlace(subscription, group.trim(), name);
  const submit = async () => {
    const groupPath = `${subscription}/resourceGroups/${encodeURIComponent(group.trim())}`;
    const put = () =>
      send({ method: 'PUT', path: factory.id, body: { location, identity: { type: 'SystemAssigned' } } });
    await put().catch(async (error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'ResourceGroupNotFound') throw error;
      await send({ method: 'PUT', path: groupPath, body: { location } });
      await put();
    });
    if (isSealed) {
      await send({ method: 'PUT', path: factory.network, body: { properties: {} } });
      await send({ method: 'PUT', path: `${factory.id}/integrationRuntimes/sealed`, body: sealedRuntime });
    }
  };
  return (
    <FormDialog
      title="New factory"
      submit="Make the factory"
      isReady={isName(factoryName, name) && group.trim() !== ''}
      onSubmit={submit}
      onClose={onClose}
      onDone={() => void go(factory.at)}
    >
      <NameField rule={factoryName} value={name} onChange={setName} hint="Unique among all factories." />
      <Field label="Resource group" required hint="A name that does not exist yet makes a new group.">
        <Input value={group} onChange={(_, { value }) => setGroup(value)} list="groups" autoComplete="off" />
      </Field>
      <datalist id="groups">
        {groups.map((one) => (
          <option key={one.id} value={one.name} />
        ))}
      </datalist>
      <Field label="Region" required hint="The network and its runtimes are in this region too.">
        <Input value={location} onChange={(_, { value }) => setLocation(value)} />
      </Field>
      <Checkbox
        checked={isSealed}
        onChange={(_, { checked }) => setSealed(checked === true)}
        label="With a managed network and the runtime “sealed” in it"
      />
    </FormDialog>
  );
};
