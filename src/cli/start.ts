import { type Postern, type PosternOptions, startPostern } from '../main.ts';
import { doctor } from '../network/namespace/doctor.ts';
import { StepFailure } from '../network/namespace/holder.ts';
import { doctorLines } from './command/doctor.ts';
import { CommandError } from './command-error.ts';
import { say } from './terminal.ts';

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Starts Postern, or says what stands in the way and what to change: the machine, another process, the port. */
export const start = async (options: PosternOptions): Promise<Postern> => {
  try {
    return await startPostern(options);
  } catch (error) {
    if (error instanceof StepFailure) {
      say(doctorLines(await doctor()));
      throw new CommandError(`Postern does not run without its isolation (${error.message}).`, { cause: error });
    }
    const code = codeOf(error);
    if (code === 'DataFolderInUse' || code === 'BadTrustFile')
      throw new CommandError((error as Error).message, { cause: error });
    if (code === 'EADDRINUSE')
      throw new CommandError(`Port ${options.port} is taken. Choose another with --port, or 0 for a free one.`, {
        cause: error,
      });
    if (code === 'EACCES')
      throw new CommandError(
        `${(error as Error).message}. Choose a port above 1023, or a data folder that you may write.`,
        { cause: error },
      );
    throw error;
  }
};
