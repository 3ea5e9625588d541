// What tests in a browser share: a Postern with people who have a role each, the built Studio, and a browser to open it in.
import type { Browser } from 'playwright-core';
import { buildStudio, findChromium, openBrowser, type Person, signIn } from './browser.ts';
import { openStudioEstate, type StudioEstate } from './studio-estate.ts';

const chromium = findChromium();

/** Why these tests cannot be; false where they can. */
export const skip: string | false = chromium === null ? 'no Chromium in PATH' : false;

/** It, and who looks at it. */
export type Scene = {
  estate: StudioEstate;
  browser: Browser;
  /** A window of a person's own, signed in; the administrator's unless told. */
  signIn(who?: 'engineer' | 'owner' | 'reader'): Promise<Person>;
  /** What went wrong unseen in any window, or stood against the page's policy. */
  complaints(): string[];
  close(): Promise<void>;
};

/** Opens it. */
export const openScene = async (): Promise<Scene> => {
  await buildStudio();
  const [estate, browser] = await Promise.all([openStudioEstate(), openBrowser(chromium!)]);
  const people: Person[] = [];
  return {
    estate,
    browser,
    signIn: async (who) => {
      const person = await signIn(browser, estate.postern.admin, who && estate[who].objectId);
      people.push(person);
      return person;
    },
    complaints: () => people.flatMap(({ complaints }) => complaints),
    close: async () => {
      await browser.close();
      await estate.postern.discard();
    },
  };
};

/** Opens an address of the Studio and waits for its title. */
export const open = async ({ page, origin }: Person, address: string): Promise<void> => {
  await page.goto(`${origin}${address}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
};
