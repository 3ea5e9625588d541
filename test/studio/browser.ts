// A real browser on a real Postern: the machine's Chromium, driven from outside the page.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Client } from '../../src/cli/client.ts';

const root = path.resolve(import.meta.dirname, '../..');
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The first Chromium in PATH, or null. */
export const findChromium = (): string | null =>
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file)) ?? null;

/** Starts it, with a profile of its own. It asks nobody outside for anything. */
export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

const newest = async (folder: string): Promise<number> => {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const times = files
    .filter((file) => file.isFile())
    .map(async (file) => (await stat(path.join(file.parentPath, file.name))).mtimeMs);
  return Math.max(...(await Promise.all(times)));
};

/** Builds the Studio where what is built is older than what it is built from. Tests that do so at once do not disturb each other. */
export const buildStudio = async (): Promise<string> => {
  const folder = path.join(root, 'studio/dist');
  const built = path.join(folder, 'index.html');
  const sources = Math.max(
    await newest(path.join(root, 'studio/src')),
    (await stat(path.join(root, 'studio/index.html'))).mtimeMs,
  );
  if (existsSync(built) && (await stat(built)).mtimeMs > sources) return folder;
  const fresh = `${folder}-${process.pid}`;
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', 'studio', '--outDir', fresh], { cwd: root });
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }));
  return folder;
};

/** Somebody at a screen. `complaints` is what the page said went wrong. */
export type Person = { context: BrowserContext; page: Page; complaints: string[]; origin: string };

/** A browser window of a principal (the administrator unless told), signed in by a link. */
export const signIn = async (
  browser: Browser,
  admin: Client,
  objectId?: string,
  options: { width?: number; height?: number; colorScheme?: 'light' | 'dark'; timezoneId?: string } = {},
): Promise<Person> => {
  const { url } = await admin.call('POST', '/providers/Postern.Authoring/signInCodes?api-version=2026-11-01', {
    ...(objectId !== undefined && { principalId: objectId }),
  });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: options.width ?? 1400, height: options.height ?? 900 },
    colorScheme: options.colorScheme ?? 'light',
    ...(options.timezoneId !== undefined && { timezoneId: options.timezoneId }),
    // A colour on its way to another is neither.
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  await page.goto(String(url));
  await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  return { context, page, complaints, origin: new URL(String(url)).origin };
};

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Finding = { id: string; impact: string | null; nodes: { html: string }[] };

const look = async (page: Page, rule?: string): Promise<string[]> => {
  const options = rule === undefined ? '' : JSON.stringify({ runOnly: [rule] });
  const violations = await page.evaluate<Finding[]>(`axe.run(${options}).then(({ violations }) => violations)`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${page.url()} ${id}: ${html.slice(0, 200)}`));
};

/** What axe finds serious or critical on a page, one line each; by one rule alone, where one is given. */
export const findBarriers = async (page: Page, rule?: string): Promise<string[]> => {
  // From outside the page, so that its policy against scripts stands.
  if (!(await page.evaluate('typeof axe !== "undefined"'))) await page.evaluate(axe);
  const found = await look(page, rule);
  // While axe looks, an answer may come that enables a button. A barrier is what is there at a second look too.
  return found.length === 0 ? [] : look(page, rule);
};
