import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StorePlace } from './attached-stores.ts';

const execute = promisify(execFile);

/** Whether rclone is installed. */
export const hasRclone = (): Promise<boolean> =>
  execute('rclone', ['version']).then(
    () => true,
    () => false,
  );

/** Copies one blob with rclone (blocks of 8 MiB, eight at once), start of the program included; resolves to ms. */
export const rcloneCopy = async (from: StorePlace, to: StorePlace, blob: string, caFile: string): Promise<number> => {
  // By address and with a signature that nobody checks: rclone cannot be told where a host name leads.
  const sas = ({ account, port }: StorePlace) => `https://127.0.0.1:${port}/${account}?sv=2021-12-02&sig=none`;
  const env = {
    PATH: process.env.PATH,
    RCLONE_CONFIG: '/dev/null',
    SSL_CERT_FILE: caFile,
    RCLONE_CONFIG_FROM_TYPE: 'azureblob',
    RCLONE_CONFIG_FROM_SAS_URL: sas(from),
    RCLONE_CONFIG_TO_TYPE: 'azureblob',
    RCLONE_CONFIG_TO_SAS_URL: sas(to),
  };
  const tuning = [
    '--azureblob-chunk-size',
    '8M',
    '--azureblob-upload-concurrency',
    '8',
    '--ignore-times',
    '--retries',
    '1',
  ];
  const started = performance.now();
  await execute('rclone', ['copyto', `from:${from.container}/${blob}`, `to:${to.container}/${blob}`, ...tuning], {
    env,
  });
  return performance.now() - started;
};
