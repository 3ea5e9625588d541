import { connect, readConnection } from '../client.ts';
import { say } from '../terminal.ts';

const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

/** Prints the connection of a running Postern as shell exports that Azure's clients read, or as JSON. */
export const run = async (options: { data?: string; json?: boolean }): Promise<void> => {
  const connection = await readConnection(options.data ?? '.postern');
  (await connect(connection)).close();
  if (options.json) return say(JSON.stringify(connection, null, 2));
  const variables = {
    AZURE_TENANT_ID: connection.tenantId,
    AZURE_CLIENT_ID: connection.clientId,
    AZURE_CLIENT_SECRET: connection.clientSecret,
    AZURE_SUBSCRIPTION_ID: connection.subscriptionId,
    AZURE_AUTHORITY_HOST: connection.authorityHost,
    // `az` asks Microsoft about an authority that it does not know, unless told not to.
    AZURE_CORE_INSTANCE_DISCOVERY: 'false',
    POSTERN_ARM_ENDPOINT: connection.armEndpoint,
    NODE_EXTRA_CA_CERTS: connection.caFile,
    REQUESTS_CA_BUNDLE: connection.caFile,
    SSL_CERT_FILE: connection.caFile,
  };
  for (const [name, value] of Object.entries(variables)) say(`export ${name}=${quote(value)}`);
};
