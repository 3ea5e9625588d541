// What somebody chooses on a page stands in its address: it can be sent, reloaded and gone back from. And what a page tells
// of time is the viewer's, to the instant.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { buildStudio, findChromium, openBrowser, type Person, signIn } from './browser.ts';
import { factoryPage, furnish, pagesOf, probe, runTwo } from './page-list.ts';
import { openStudioEstate, type StudioEstate } from './studio-estate.ts';

const chromium = findChromium();
const skip = chromium === null ? 'no Chromium in PATH' : false;
const timeZone = 'Asia/Kolkata';

let estate: StudioEstate;
let browser: Browser;
let person: Person;
let runId: string;
before(async () => {
  if (chromium === null) return;
  await buildStudio();
  [estate, browser] = await Promise.all([openStudioEstate(), openBrowser(chromium)]);
  await furnish(estate);
  runId = await runTwo(estate);
  await probe(estate, estate.factory);
  person = await signIn(browser, estate.postern.admin, undefined, { timezoneId: timeZone });
  await person.page.goto(`${person.origin}${factoryPage(`/runs/${runId}`)}`);
  await person.page.getByText('Succeeded').nth(2).waitFor();
});
after(async () => {
  await browser?.close();
  await estate?.postern.discard();
});

const panel = (page: Page, name: string | RegExp) => page.getByRole('complementary', { name });
const link = (page: Page, name: string | RegExp) => page.locator('main').getByRole('link', { name }).first();
const tab = (page: Page, name: string | RegExp) => page.getByRole('tab', { name });
const isChosen = (found: Locator) => found.and(found.page().locator('[aria-selected="true"]'));
const first = (page: Page) => page.locator('tr[data-index="0"]');

/** A page, what is chosen on it, what the address says of that, and how it looks then. */
type Choice = {
  page: string;
  choose(page: Page): Promise<unknown>;
  says: RegExp;
  shows(page: Page): Locator;
  /** False for what changes while somebody types, where a step back for each letter would be none. */
  isStep?: false;
};

const choices = (): Record<string, Choice> => ({
  'a tab of approvals': {
    page: '/studio/approvals',
    choose: (page) => tab(page, /Let in/).click(),
    says: /state=Approved/,
    shows: (page) => isChosen(tab(page, /Let in/)),
  },
  'a connection': {
    page: '/studio/approvals',
    choose: (page) => link(page, /studio-factory.shop/).click(),
    says: /connection=/,
    shows: (page) => panel(page, /studio-factory.shop/),
  },
  'a store': {
    page: '/studio/stores',
    choose: (page) => link(page, 'studioshop').click(),
    says: /store=/,
    shows: (page) => panel(page, 'studioshop'),
  },
  'the form of a factory': {
    page: '/studio/factories',
    choose: (page) => page.getByRole('button', { name: 'New factory' }).click(),
    says: /new=/,
    shows: (page) => page.getByRole('dialog', { name: 'New factory' }),
  },
  'an endpoint': {
    page: factoryPage('/endpoints'),
    choose: (page) => link(page, 'shop').click(),
    says: /endpoints\/shop/,
    shows: (page) => panel(page, 'shop'),
  },
  'a state of endpoints': {
    page: factoryPage('/endpoints'),
    choose: (page) => page.getByLabel('State').selectOption('Approved'),
    says: /state=Approved/,
    shows: (page) => page.getByText('None is approved'),
  },
  'an order of endpoints': {
    page: factoryPage('/endpoints'),
    choose: async (page) => {
      await page.getByRole('button', { name: 'Name' }).click();
      await page.getByRole('button', { name: 'Name' }).click();
    },
    says: /sort=Name\+down/,
    shows: (page) => first(page).filter({ hasText: 'table' }),
    isStep: false,
  },
  'the form of an endpoint': {
    page: factoryPage('/endpoints'),
    choose: (page) => page.getByRole('button', { name: 'Request an endpoint' }).click(),
    says: /new=/,
    shows: (page) => page.getByRole('dialog', { name: 'Request a private endpoint' }),
  },
  'a pair on the map': {
    page: factoryPage('/map'),
    choose: (page) => page.getByRole('region', { name: 'Network map' }).getByText('studiolake').click(),
    says: /host=studiolake/,
    shows: (page) => panel(page, /sealed to studiolake/),
  },
  'what was denied': {
    page: factoryPage('/flows'),
    choose: (page) => page.getByRole('switch').click(),
    says: /denied=/,
    shows: (page) => page.getByRole('switch', { checked: true }),
  },
  'a flow': {
    page: factoryPage('/flows'),
    choose: (page) => first(page).getByRole('link').click(),
    says: /flow=/,
    shows: (page) => page.getByRole('complementary'),
  },
  'a filter of flows': {
    page: factoryPage('/flows'),
    choose: (page) => page.getByLabel('Filter flows').fill('studioshop.blob'),
    says: /filter=studioshop/,
    shows: (page) => page.getByText(/^\d+ of \d+/),
    isStep: false,
  },
  'a cell of the matrix': {
    page: factoryPage('/reachability'),
    choose: (page) =>
      page
        .getByRole('button', { name: /EndpointPending/ })
        .first()
        .click(),
    says: /cell=/,
    shows: (page) => panel(page, /sealed to/),
  },
  'an order of decisions': {
    page: factoryPage('/audit'),
    choose: (page) => page.getByRole('button', { name: 'Who' }).click(),
    says: /sort=Who/,
    shows: (page) => page.getByRole('columnheader', { name: 'Who' }).and(page.locator('[aria-sort="ascending"]')),
    isStep: false,
  },
  'a state of runs': {
    page: factoryPage('/runs'),
    choose: (page) => page.getByLabel('State').selectOption('Failed'),
    says: /status=Failed/,
    shows: (page) => page.getByText('No run is Failed'),
  },
  'a view of a run': {
    page: factoryPage(`/runs/${runId}`),
    choose: (page) => tab(page, 'Gantt chart').click(),
    says: /view=gantt/,
    shows: (page) => isChosen(tab(page, 'Gantt chart')),
  },
  'an activity of a run': {
    page: factoryPage(`/runs/${runId}`),
    choose: (page) => link(page, 'First').click(),
    says: /activity=/,
    shows: (page) => panel(page, 'First'),
  },
  'a linked service as JSON': {
    page: factoryPage('/linked-services/shop'),
    choose: (page) => tab(page, 'JSON').click(),
    says: /as=json/,
    shows: (page) => page.getByLabel('linked service as JSON'),
  },
  'a dataset as JSON': {
    page: factoryPage('/datasets/films'),
    choose: (page) => tab(page, 'JSON').click(),
    says: /as=json/,
    shows: (page) => page.getByLabel('dataset as JSON'),
  },
  'an activity of a pipeline': {
    page: factoryPage('/pipelines/two'),
    choose: (page) => page.locator('.react-flow__node').getByText('Second').click(),
    says: /edit=Second/,
    shows: (page) => page.getByRole('region', { name: 'Second' }),
  },
});

test('what is chosen is in the address: it is there again after a reload, and gone after a step back', {
  skip,
}, async () => {
  const { page, origin } = person;
  const wrong: string[] = [];
  page.setDefaultTimeout(8000);
  for (const [what, choice] of Object.entries(choices())) {
    const look = async (step: string, doing: Promise<unknown>) =>
      doing.catch((error: Error) => wrong.push(`${what}, ${step}: ${error.message.split('\n')[0]}`));
    await page.goto(`${origin}${choice.page}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look('chosen', choice.choose(page));
    await look('in the address', page.waitForURL(choice.says));
    await look('shown', choice.shows(page).first().waitFor());
    await page.reload();
    await look('shown after a reload', choice.shows(page).first().waitFor());
    if (choice.isStep === false) continue;
    await page.goBack();
    await look(
      'back',
      page.waitForURL((url) => !choice.says.test(url.href)),
    );
    await look('gone', choice.shows(page).first().waitFor({ state: 'detached' }));
  }
  assert.deepEqual(wrong, []);
});

const clock = (at: string) =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at));

test('times are those of the viewer’s clock, and tell the instant to who points at them', { skip }, async () => {
  const { page, origin } = person;
  const seen = new Map<string, number>();
  const inside = [
    ['/studio/approvals', /studio-factory.shop/],
    ['/studio/stores', /studioshop/],
    [factoryPage('/endpoints'), /^shop$/],
    [factoryPage(`/runs/${runId}`), /^First/],
  ] as const;
  const look = async (address: string) => {
    const times = page.locator('main time');
    for (const time of await times.all()) {
      const at = (await time.getAttribute('datetime'))!;
      assert.ok(
        (await time.textContent())!.includes(clock(at)),
        `${address}: ${at} is shown as ${await time.textContent()}`,
      );
      assert.ok((await time.getAttribute('title'))!.startsWith(new Date(at).toISOString()), address);
    }
    // An instant that is shown as it was sent, to nobody's clock, would be among the words of the page.
    assert.doesNotMatch((await page.locator('main').textContent())!, /\d{4}-\d\d-\d\dT\d\d:\d\d/, address);
    seen.set(address, await times.count());
  };
  for (const [address, sign] of pagesOf(runId)) {
    await page.goto(`${origin}${address}`);
    await page.locator('main').getByText(sign).first().waitFor();
    await look(address);
  }
  for (const [address, row] of inside) {
    await page.goto(`${origin}${address}`);
    await link(page, row).click();
    await page.getByRole('complementary').locator('time').first().waitFor();
    await look(`${address}, opened`);
  }
  for (const address of ['/studio/', factoryPage(), '/runs', '/audit', '/flows'].map((one) =>
    one.startsWith('/studio') ? one : factoryPage(one),
  ))
    assert.ok(seen.get(address)! > 0, `${address} shows no time`);
});
