// Each page by itself: without barriers, without a way in for scripts, true to roles, and forgiving.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findBarriers, type Person } from './browser.ts';
import { factoryPage, furnish, openedOf, pagesOf, runTwo } from './page-list.ts';
import { open, openScene, type Scene, skip } from './scene.ts';
import { adf, type StudioEstate } from './studio-estate.ts';

let scene: Scene;
let estate: StudioEstate;
let admin: Person;

before(async () => {
  if (skip) return;
  scene = await openScene();
  ({ estate } = scene);
  await furnish(estate);
  admin = await scene.signIn();
});
after(() => scene?.close());

const narrow = { width: 360, height: 740 };
const wide = { width: 1400, height: 900 };

/** How far the page reaches to the right, or what scrolls inside it would: only what is code or rows of data may. What is drawn anew has a few frames for it. */
const widest = `(async () => {
  const scrolls = (element) =>
    element.clientWidth > 0 &&
    element.scrollWidth > element.clientWidth + 1 &&
    ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) &&
    !element.matches('textarea, [aria-label="Rows"]');
  const measure = () =>
    Math.max(
      document.querySelector('main').scrollWidth,
      ...[...document.querySelectorAll('main *, dialog, dialog *')].filter(scrolls).map(({ scrollWidth }) => scrollWidth + ${narrow.width}),
    );
  for (let frame = 0; frame < 60 && measure() > ${narrow.width}; frame += 1) await new Promise(requestAnimationFrame);
  return measure();
})()`;

/** What stands against somebody on a page, with what `then` opens on it: in light, in dark, and where it is narrow. */
const visit = async (
  person: Person,
  address: string,
  sign: string | RegExp,
  then?: (page: Page) => Promise<void>,
): Promise<string[]> => {
  const { page } = person;
  await open(person, address);
  await page.locator('main').getByText(sign).first().waitFor();
  await then?.(page);
  const found = await findBarriers(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html[style*="dark"]').waitFor();
  found.push(...(await findBarriers(page, 'color-contrast')));
  await page.emulateMedia({ colorScheme: 'light' });
  await page.locator('html[style*="light"]').waitFor();
  await page.setViewportSize(narrow);
  const width = Number(await page.evaluate(widest));
  if (width > narrow.width) found.push(`${address} is ${width} wide on a screen of ${narrow.width}`);
  found.push(...(await findBarriers(page)));
  await page.setViewportSize(wide);
  if (await page.evaluate('window.hacked === 1')) found.push(`${address} ran a script`);
  return found;
};

test('no page has a serious barrier in light or dark, none is too wide, and hostile words stay words', {
  skip,
}, async () => {
  const runId = await runTwo(estate);
  await open(admin, factoryPage(`/runs/${runId}`));
  await admin.page.getByText('Succeeded').nth(2).waitFor();
  const found: string[] = [];
  for (const [address, sign] of pagesOf(runId)) found.push(...(await visit(admin, address, sign)));
  assert.deepEqual(found, []);
  assert.deepEqual(admin.complaints, []);
});

test('what opens on a page, dialog or panel, has no serious barrier in light, dark or narrow either', {
  skip,
}, async () => {
  const runId = await runTwo(estate);
  await open(admin, factoryPage(`/runs/${runId}`));
  await admin.page.getByText('Succeeded').nth(2).waitFor();
  const found: string[] = [];
  for (const { address, sign, open: then } of Object.values(openedOf(runId)))
    found.push(...(await visit(admin, address, sign, then)));
  assert.deepEqual(found, []);
});

test('the page’s policy stops a script that somebody got into it', { skip }, async () => {
  await open(admin, '/studio/');
  await admin.page.evaluate(`
    const script = document.createElement('script');
    script.textContent = 'window.hacked = 1';
    document.head.append(script);
    const image = document.createElement('img');
    image.setAttribute('onerror', 'window.hacked = 1');
    image.src = 'data:text/plain,x';
    new Promise((resolve) => { image.addEventListener('error', resolve); document.body.append(image); });
  `);
  await admin.page.waitForFunction('document.querySelector("body > img") !== null');
  assert.equal(await admin.page.evaluate('window.hacked'), undefined);
  assert.equal(await admin.page.evaluate("fetch('https://example.com').then(() => 'out', () => 'stopped')"), 'stopped');
  assert.ok(admin.complaints.splice(0).length > 0, 'the browser says that it stopped something');
});

test('on a narrow screen the navigation opens over the page', { skip }, async () => {
  const { page } = admin;
  await page.setViewportSize(narrow);
  await page.getByRole('button', { name: 'Navigation' }).click();
  await page.getByRole('link', { name: 'Stores' }).click();
  await page.getByRole('heading', { name: 'Stores' }).waitFor();
  await page.setViewportSize(wide);
});

const answerOf = (page: Page, path: string, body: unknown): Promise<string> =>
  page.evaluate(
    `fetch(${JSON.stringify(path)}, { method: 'PUT', headers: { 'content-type': 'application/json', 'x-postern-studio': '1' }, body: ${JSON.stringify(JSON.stringify(body))} }).then((answer) => answer.json()).then(({ error }) => error?.code ?? 'done')`,
  );

test('an engineer cannot approve, by the page or past it', { skip }, async () => {
  const { admin: client } = estate.postern;
  const engineer = await scene.signIn('engineer');
  await open(engineer, '/studio/approvals');
  await engineer.page.getByText('You may see no store').waitFor();
  const list = await client.call(
    'GET',
    `${estate.account('studioshop')}/privateEndpointConnections?api-version=2025-08-01`,
  );
  const [connection] = list.value as unknown as { id: string }[];
  const approved = { properties: { privateLinkServiceConnectionState: { status: 'Approved', description: '' } } };
  assert.equal(
    await answerOf(engineer.page, `${connection!.id}?api-version=2025-08-01`, approved),
    'AuthorizationFailed',
  );
  await engineer.context.close();
});

test('a reader cannot write, by the page or past it, and is told why not', { skip }, async () => {
  const reader = await scene.signIn('reader');
  const { page } = reader;
  for (const [address, ...names] of [
    ['/endpoints', 'Request an endpoint'],
    ['/endpoints/shop', 'Delete the endpoint'],
    ['/linked-services', 'New linked service'],
    ['/linked-services/shop', 'Save', 'Delete', 'Test connection', 'Browse the store'],
    ['/datasets/films', 'Save', 'Delete', 'Preview the data'],
    ['/pipelines/two', 'Save', 'Delete', 'Debug', 'Run'],
    ['/reachability', 'Run the probes'],
  ] as const) {
    await open(reader, factoryPage(address));
    for (const name of names)
      await page
        .locator('button[aria-disabled="true"]', { hasText: RegExp(`^${name}$`) })
        .first()
        .waitFor();
  }
  await open(reader, factoryPage('/endpoints'));
  await page.getByRole('button', { name: 'Request an endpoint' }).hover();
  await page
    .getByText(/You have no role here with .*managedPrivateEndpoints\/write/)
    .first()
    .waitFor();
  await open(reader, '/studio/approvals');
  await page.getByText('Nothing waits for you').waitFor();
  for (const place of [`pipelines/two`, `datasets/films`, `linkedservices/shop`, 'integrationRuntimes/sealed'])
    assert.equal(
      await answerOf(page, `${estate.factory}/${place}?${adf}`, { properties: {} }),
      'AuthorizationFailed',
      place,
    );
  await reader.context.close();
});

const end = (page: Page) =>
  page.evaluate("fetch('/studio/session', { method: 'DELETE', headers: { 'x-postern-studio': '1' } })");

test('a session that ends loses nothing that was typed, and the request goes on after signing in', {
  skip,
}, async () => {
  const person = await scene.signIn('engineer');
  const { page } = person;
  await open(person, '/studio/factories?new');
  await page.getByRole('textbox', { name: 'Name' }).fill('kept-factory');
  await page.getByRole('combobox', { name: 'Resource group' }).fill('studio');
  const signInAgain = async () => {
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('Client id').fill(estate.engineer.clientId);
    await dialog.getByLabel('Client secret').fill(estate.engineer.clientSecret);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await end(page);
  await signInAgain();
  assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'kept-factory');
  await page.getByRole('button', { name: 'Make the factory' }).click();
  await page.getByRole('heading', { name: 'kept-factory', level: 1 }).waitFor();

  await open(person, factoryPage('/pipelines/~new'));
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('kept');
  await page.getByRole('button', { name: 'Wait', exact: true }).click();
  await page.getByRole('region', { name: 'Wait1' }).getByLabel('Name').fill('Typed');
  await end(page);
  await signInAgain();
  await page.locator('.react-flow__node').getByText('Typed').waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'kept', level: 1 }).waitFor();
  await person.context.close();
});

test('who came by a link comes back by a link, pasted or opened in another window', { skip }, async () => {
  const { admin: client } = estate.postern;
  const person = await scene.signIn('engineer');
  const { page, context } = person;
  const newLink = async () =>
    String(
      (
        await client.call('POST', '/providers/Postern.Authoring/signInCodes?api-version=2026-11-01', {
          principalId: estate.engineer.objectId,
        })
      ).url,
    );
  await open(person, '/studio/factories');
  await end(page);
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.getByLabel('Sign-in link').fill(await newLink());
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Live').waitFor();
  await end(page);
  await dialog.waitFor();
  const other = await context.newPage();
  await other.goto(await newLink());
  await other.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  await page.evaluate("window.dispatchEvent(new Event('focus'))");
  await dialog.waitFor({ state: 'detached' });
  await context.close();
});

test('a long list comes page by page, and only what is seen is drawn', { skip }, async () => {
  const names = Array.from({ length: 250 }, (_, at) => `long-${String(at).padStart(3, '0')}`);
  const body = { properties: { activities: [] } };
  await Promise.all(names.map((name) => estate.put(`${estate.factory}/pipelines/${name}?${adf}`, body)));
  const { page } = admin;
  await open(admin, factoryPage('/pipelines'));
  await page.getByRole('link', { name: 'long-000' }).focus();
  const last = page.getByRole('link', { name: 'two' });
  while (!(await last.isVisible())) {
    await page.keyboard.press('End');
    await page.locator('tr[data-index] a:focus').waitFor();
  }
  assert.ok((await page.locator('tbody tr').count()) < 80, 'rows that nobody sees are not drawn');
});

test('a change made elsewhere shows without a reload; where events do not come, it is asked for', {
  skip,
}, async () => {
  const { page, context } = admin;
  await open(admin, factoryPage('/endpoints/table'));
  await page.getByText('It waits for the owner').waitFor();
  await estate.decide('studioshop', 'Approved', 'From somewhere else');
  await page.getByText('From somewhere else').first().waitFor();
  await context.route('**/Postern.Authoring/events*', (route) => route.abort());
  await open(admin, factoryPage('/endpoints/table'));
  await page.getByText('Polling').waitFor();
  await estate.decide('studioshop', 'Rejected', 'Changed our minds');
  await page.getByText('Changed our minds').first().waitFor();
});
