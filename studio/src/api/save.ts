// Writing: a resource is put or deleted, and what shows it is asked again at once, events or not.
import { useQueryClient } from '@tanstack/react-query';
import { type Call, call } from './client.ts';

/** Sends a change and has every question on the screen asked again. */
export const useSend = (): (<T>(asked: Call) => Promise<T>) => {
  const client = useQueryClient();
  return async <T>(asked: Call) => {
    const body = await call<T>(asked);
    await client.invalidateQueries();
    return body;
  };
};
