// Somebody's hands: what is done on a page, by mouse or by the keyboard alone.
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

/** What somebody does. The page decides by nothing but what a browser tells it. */
export type Actor = {
  page: Page;
  /** A button, a link, an activity of the canvas. */
  press(target: Locator): Promise<void>;
  /** Puts a text where another may stand. */
  write(target: Locator, text: string): Promise<void>;
  /** Of a native list. */
  choose(target: Locator, value: string): Promise<void>;
  /** Of a box or a switch. */
  check(target: Locator, checked?: boolean): Promise<void>;
};

/** With a mouse. */
export const mouse = (page: Page): Actor => ({
  page,
  press: (target) => target.click(),
  write: (target, text) => target.fill(text),
  choose: async (target, value) => {
    await target.selectOption(value);
  },
  check: (target, checked = true) => target.setChecked(checked),
});

const mostSteps = 200;

type Placed = { compareDocumentPosition(other: unknown): number };
const preceding = 2;

/** 0: it has the focus; 1: it comes after what has it; -1: before. */
const placeOf = (target: Locator): Promise<number> =>
  target.evaluate((element, before) => {
    const at = (globalThis as unknown as { document: { activeElement: Placed } }).document.activeElement;
    if (at === (element as unknown)) return 0;
    return at.compareDocumentPosition(element) & before ? -1 : 1;
  }, preceding);

/** With Tab, Shift+Tab, Enter, Space, arrows and letters: nothing is clicked, and no script moves the focus. */
export const keyboard = (page: Page): Actor => {
  const reach = async (target: Locator) => {
    await target.waitFor();
    let where = await placeOf(target);
    for (let step = 0; where !== 0; step += 1) {
      assert.ok(step < mostSteps, `Tab does not get to ${target}`);
      await page.keyboard.press(where < 0 ? 'Shift+Tab' : 'Tab');
      where = await placeOf(target);
    }
  };
  return {
    page,
    press: async (target) => {
      await reach(target);
      await page.keyboard.press('Enter');
    },
    write: async (target, text) => {
      await reach(target);
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(text);
    },
    choose: async (target, value) => {
      await reach(target);
      await page.keyboard.press('Home');
      while ((await target.inputValue()) !== value) {
        const before = await target.inputValue();
        await page.keyboard.press('ArrowDown');
        assert.notEqual(await target.inputValue(), before, `there is no ${value} in ${target}`);
      }
    },
    check: async (target, checked = true) => {
      await reach(target);
      if ((await target.isChecked()) !== checked) await page.keyboard.press('Space');
      assert.equal(await target.isChecked(), checked);
    },
  };
};
