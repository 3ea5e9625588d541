import { type Client, connect, readConnection } from './client.ts';

/** Runs `work` as the administrator of the Postern that serves the data folder (default `./.postern`). */
export const asAdministrator = async <Result>(
  data: string | undefined,
  work: (client: Client) => Promise<Result>,
): Promise<Result> => {
  const client = await connect(await readConnection(data ?? '.postern'));
  try {
    return await work(client);
  } finally {
    client.close();
  }
};
