import { useSyncExternalStore } from 'react';
import { sessionStore, type Who } from '../api/session.ts';

/** Who is signed in. Only below the signed-in part of the page. */
export const useWho = (): Who => useSyncExternalStore(sessionStore.subscribe, sessionStore.read).who!;

/** `/subscriptions/{id}` of the person's subscription. */
export const useSubscription = (): string => `/subscriptions/${useWho().subscriptionId}`;
