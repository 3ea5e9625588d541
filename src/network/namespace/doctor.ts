// Whether this machine can seal a network, found out by doing it once.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../base/error.ts';
import { diagnose } from './diagnose.ts';
import { StepFailure } from './holder.ts';
import { launchWorker } from './launch.ts';
import { machineFacts } from './machine.ts';
import { startNamespaceMaker } from './open.ts';
import { prepareSeal } from './prepare.ts';
import { programFolder } from './root-plan.ts';
import type { Seal } from './seal.ts';

export type DoctorStep = { name: string; ok: boolean; detail: string; ms: number };

/** `able`: workers may start. Otherwise the last step is the one that failed, and `remedy` says what to change, if known. */
export type DoctorReport = { able: boolean; steps: DoctorStep[]; remedy: string | null; recipe: string };

/** How Postern seals, the only way that it offers. */
const recipe = 'util-linux';

/** The root of the project that this file belongs to. */
const projectRoot = path.resolve(import.meta.dirname, '../../..');

/** Seals a network, launches a worker in it and attacks from inside, once, and tells step by step how it went. */
export const doctor = async (): Promise<DoctorReport> => {
  const steps: DoctorStep[] = [];
  const end: (() => void)[] = [];
  const step = async <Result>(name: string, detail: string, act: () => Promise<Result>): Promise<Result> => {
    const start = performance.now();
    const done = (ok: boolean, told: string) =>
      steps.push({ name, ok, detail: told, ms: Math.round(performance.now() - start) });
    try {
      const result = await act();
      done(true, detail);
      return result;
    } catch (error) {
      done(false, messageOf(error));
      throw error;
    }
  };
  try {
    await step('machine', 'Linux, with the tools that are needed', checkMachine);
    const seal = await step('seal', 'user namespace, mounts and read-only root made', async () => {
      const prepared = await prepareSeal({ projectRoot, warm: false });
      end.push(prepared.close);
      return prepared.seal;
    });
    const opened = await step('network', 'network namespace, addresses, routes and listeners made', async () => {
      const maker = await startNamespaceMaker(seal);
      end.push(maker.close);
      const namespace = await maker.open({ ports: [allowedPort] });
      end.push(namespace.close);
      return namespace;
    });
    for (const { server } of opened.listeners) server.on('connection', (socket) => socket.resume().end(greeting));
    const findings = await step('jail', 'a worker ran sealed and ended', () => probe(seal, opened.networkNamespace));
    await step('attack', 'an allowed dial arrived, all that must be refused was refused', async () => judge(findings));
    return { able: true, steps, remedy: null, recipe };
  } catch (error) {
    const failed = error instanceof StepFailure ? error : { step: steps.at(-1)!.name, said: messageOf(error) };
    return { able: false, steps, remedy: diagnose(await machineFacts(), failed), recipe };
  } finally {
    for (const close of end.reverse()) close();
  }
};

const allowedPort = 443;
const closedPort = 444;
/** It is in no jail. */
const hostFile = '/etc/shadow';
const greeting = randomUUID();

const checkMachine = async (): Promise<void> => {
  const facts = await machineFacts();
  if (facts.platform !== 'linux') throw new StepFailure('machine', `this is ${facts.platform}, not Linux`);
  if (facts.missingTools.length > 0) throw new StepFailure('tools', `not installed: ${facts.missingTools.join(', ')}`);
};

type Findings = { dialled: string; refused: string; namespace: number; file: string };

const probe = async (seal: Seal, networkNamespace: string): Promise<Findings> => {
  const jailed = await launchWorker(seal, networkNamespace, {
    module: `${programFolder}/src/network/namespace/probe.ts`,
    arguments: [String(allowedPort), String(closedPort), hostFile],
  });
  jailed.stdin.end();
  const [said, complaints, end] = await Promise.all([text(jailed.stdout), text(jailed.stderr), jailed.exited]);
  if (end.code !== 0)
    throw new StepFailure('jail', complaints.trim() || `ended with ${end.signal ?? `code ${end.code}`}`);
  return JSON.parse(said) as Findings;
};

const judge = (found: Findings): void => {
  const wrong = [
    found.dialled === greeting ? [] : `a dial to the open port gave ${found.dialled}`,
    found.refused === 'ECONNREFUSED' ? [] : `a dial to a closed port gave ${found.refused}`,
    found.namespace === -1 ? [] : `a new user namespace gave ${found.namespace}`,
    found.file === 'ENOENT' ? [] : `a file of the host gave ${found.file}`,
  ].flat();
  if (wrong.length > 0) throw new StepFailure('attack', wrong.join('; '));
};
