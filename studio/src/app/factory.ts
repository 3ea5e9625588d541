// The factory that the address names.
import { useParams } from 'react-router';
import { useSubscription } from './who.ts';

const place = 'postern.factory';

/** A factory by its place: its ids, and where its pages are. */
export type FactoryPlace = { id: string; name: string; group: string; network: string; at: string };

/** Ids and address of the factory `name` in `group`. */
export const factoryPlace = (subscription: string, group: string, name: string): FactoryPlace => {
  const id = `${subscription}/resourceGroups/${group}/providers/Microsoft.DataFactory/factories/${name}`;
  return {
    id,
    name,
    group,
    network: `${id}/managedVirtualNetworks/default`,
    at: `/factories/${encodeURIComponent(group)}/${encodeURIComponent(name)}`,
  };
};

/** The address of a factory's pages, by its id. */
export const factoryAddress = (id: string): string => {
  const [, , , , group = '', , , , name = ''] = id.split('/');
  return `/factories/${encodeURIComponent(group)}/${encodeURIComponent(name)}`;
};

/** The factory in the address. Only on its pages. */
export const useFactory = (): FactoryPlace => {
  const { group = '', factory = '' } = useParams();
  return factoryPlace(useSubscription(), group, factory);
};

/** The factory that was open last, so that its pages stay in the navigation; null where there was none. */
export const lastFactory = {
  read: (): { group: string; name: string } | null => {
    const [group, name] = (localStorage.getItem(place) ?? '').split('\n');
    return group && name ? { group, name } : null;
  },
  keep: (group: string, name: string): void => localStorage.setItem(place, `${group}\n${name}`),
};
