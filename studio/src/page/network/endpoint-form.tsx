// Requests an endpoint: what kind of store (by tiles), which one, and why. Its owner reads the reason.
import { Field, Input, Select, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { managedPrivateEndpointName } from '../../../../src/providers/data-factory/name.ts';
import { isSameId, typeOf } from '../../api/id.ts';
import { useSend } from '../../api/save.ts';
import { useServedKinds, useStores } from '../../api/store.ts';
import { hostOf, type TargetTile, targetTiles } from '../../api/target.ts';
import type { FactoryPlace } from '../../app/factory.ts';
import { useSubscription } from '../../app/who.ts';
import { FormDialog } from '../../component/form-dialog.tsx';
import { isName, NameField } from '../../component/name-field.tsx';
import styles from './endpoint-form.module.css';

const longestReason = 140;

const Tiles = ({ chosen, onChoose }: { chosen: TargetTile | null; onChoose(tile: TargetTile): void }) => {
  const { kinds: served } = useServedKinds(useSubscription());
  return (
    <fieldset className={styles.tiles}>
      <legend className={styles.legend}>What does it lead to?</legend>
      {targetTiles.map((tile) => {
        const isServed = served === null || served.some(({ type }) => isSameId(type, tile.type));
        return (
          <label key={tile.key} className={styles.tile}>
            <input
              type="radio"
              name="target"
              checked={chosen?.key === tile.key}
              disabled={!isServed}
              onChange={() => onChoose(tile)}
            />
            <span className={styles.tileTitle}>{tile.title}</span>
            <span className={styles.tileSays}>{isServed ? tile.says : 'Not served by this Postern'}</span>
          </label>
        );
      })}
    </fieldset>
  );
};

/** What the form begins with, where an error or a link already says what is wanted. */
export type EndpointWish = { resourceId: string; groupId: string; type?: string };

const tileOf = (wish: EndpointWish | null) =>
  wish
    ? (targetTiles.find(
        ({ type, groupId }) => isSameId(type, wish.type ?? typeOf(wish.resourceId)) && isSameId(groupId, wish.groupId),
      ) ?? null)
    : null;

const nameFor = (resourceId: string, groupId: string) =>
  [resourceId.slice(resourceId.lastIndexOf('/') + 1), groupId.toLowerCase()].filter((part) => part !== '').join('-');

/** The form. */
export const EndpointForm = ({
  factory,
  wish,
  onDone,
  onClose,
}: {
  factory: FactoryPlace;
  wish: EndpointWish | null;
  onDone?(name: string): void;
  onClose(): void;
}) => {
  const { stores } = useStores(useSubscription());
  const [tile, setTile] = useState(tileOf(wish));
  const [resourceId, setResourceId] = useState(wish?.resourceId ?? '');
  const [ownName, setName] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [fqdns, setFqdns] = useState('');
  const send = useSend();
  const name = ownName ?? (resourceId === '' || !tile ? '' : nameFor(resourceId, tile.groupId));
  const choices = tile ? stores.filter(({ type }) => isSameId(type, tile.type)) : [];
  const isListed = choices.some(({ id }) => isSameId(id, resourceId));
  const isService = tile?.groupId === '';
  const hosts = fqdns.split(/[\s,]+/).filter((host) => host !== '');
  const submit = async () => {
    await send({
      method: 'PUT',
      path: `${factory.network}/managedPrivateEndpoints/${name}`,
      body: {
        properties: {
          privateLinkResourceId: resourceId.trim(),
          ...(isService ? { fqdns: hosts } : { groupId: tile!.groupId }),
          ...(reason.trim() !== '' && { requestMessage: reason.trim() }),
        },
      },
    });
  };
  const host = tile && resourceId !== '' && typeOf(resourceId) !== '' ? hostOf(resourceId, tile.groupId) : null;
  return (
    <FormDialog
      title="Request a private endpoint"
      submit="Send the request"
      isReady={tile !== null && resourceId.trim() !== '' && isName(managedPrivateEndpointName, name)}
      onSubmit={submit}
      onClose={onClose}
      onDone={() => (onDone ? onDone(name) : onClose())}
    >
      <Tiles
        chosen={tile}
        onChoose={(next) => {
          setTile(next);
          if (!isSameId(next.type, tile?.type)) setResourceId('');
        }}
      />
      {tile && (
        <>
          {choices.length > 0 && (
            <Field label="Which one" hint="Stores that you may see. Of another one, paste the id below.">
              <Select value={isListed ? resourceId : ''} onChange={(_, { value }) => setResourceId(value)}>
                <option value="">Choose…</option>
                {choices.map((store) => (
                  <option key={store.id} value={store.id}>
                    {store.name}
                  </option>
                ))}
              </Select>
            </Field>
          )}
          <Field
            label="Its resource id"
            required
            hint={
              choices.length === 0 ? 'You may see no store of this kind. Its owner can tell you the id.' : undefined
            }
          >
            <Input
              value={resourceId}
              onChange={(_, { value }) => setResourceId(value)}
              className={styles.exact ?? ''}
            />
          </Field>
          {isService && (
            <Field label="Host names" required hint="The names that workers use for the service, separated by spaces.">
              <Input value={fqdns} onChange={(_, { value }) => setFqdns(value)} className={styles.exact ?? ''} />
            </Field>
          )}
          <NameField
            label="Name of the endpoint"
            rule={managedPrivateEndpointName}
            value={name}
            onChange={setName}
            hint={host === null ? undefined : `Workers will reach ${host} by it.`}
          />
          <Field
            label="Reason"
            hint={`The owner reads it before they answer. ${longestReason - reason.length} characters left.`}
          >
            <Textarea
              value={reason}
              maxLength={longestReason}
              onChange={(_, { value }) => setReason(value)}
              placeholder="What for, for how long, who to ask"
            />
          </Field>
        </>
      )}
    </FormDialog>
  );
};
