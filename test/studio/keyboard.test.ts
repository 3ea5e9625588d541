// The journey with the keyboard alone: Tab, Enter, Space, arrows and letters, in a real browser. Nothing is clicked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Actor, keyboard } from './actor.ts';
import type { Person } from './browser.ts';
import { openScene, type Scene, skip } from './scene.ts';
import {
  approve,
  browseStore,
  button,
  debugAndSave,
  drawCopy,
  furnishSink,
  makeDataset,
  makeFactory,
  requestEndpoint,
} from './step.ts';

let scene: Scene;
let owner: Person;
let hands: Actor;

before(async () => {
  if (skip) return;
  scene = await openScene();
  hands = keyboard((await scene.signIn('engineer')).page);
  owner = await scene.signIn('owner');
});
after(() => scene?.close());

test('an engineer makes a factory, is refused, and asks for the endpoint; the owner approves it', {
  skip,
}, async () => {
  const answering = keyboard(owner.page);
  await makeFactory(hands);
  await answering.press(owner.page.getByRole('link', { name: /^Approvals/ }));
  await owner.page.getByText('Nothing waits for you').waitFor();
  await requestEndpoint(scene.estate, hands);
  await approve(answering);
});

test('the store is browsed and a dataset of it previewed', { skip }, async () => {
  await browseStore(hands);
  await makeDataset(hands);
});

test('activities are added, chosen, named, and made to wait for each other; the pipeline is debugged', {
  skip,
}, async () => {
  await furnishSink(scene.estate);
  const { page, press, write, check, choose } = hands;
  await drawCopy(hands);
  const panel = page.getByRole('region', { name: 'Copy1' });
  await write(panel.getByRole('textbox', { name: 'Name' }), 'CopyFilms');
  await press(button(page, 'Wait'));
  const waits = page.getByRole('checkbox', { name: 'CopyFilms' });
  assert.ok(await waits.isChecked(), 'what is added waits for what was chosen');
  await check(waits, false);
  const node = page.locator('.react-flow__node').filter({ hasText: 'CopyFilms' });
  await press(node);
  await page.getByRole('heading', { name: 'CopyFilms' }).waitFor();
  await check(page.getByRole('checkbox', { name: 'Wait1' }));
  await choose(page.getByLabel('When Wait1'), 'Completed');
  await page.getByRole('group', { name: 'CopyFilms runs after Wait1: Completed' }).waitFor({ state: 'attached' });
  await debugAndSave(hands);
});

test('nothing went wrong unseen', { skip }, () => {
  assert.deepEqual(scene.complaints(), []);
});
